/** Linear algebra: the operations; their rules stand in the files named here. */
export { cholesky, eigh, eigvalsh, lstsq, qr } from "./decomposition.ts";
export { cofactor, det, logdet, slogdet } from "./determinant.ts";
export { inverse } from "./lu.ts";
export { MatrixError, matrixTranspose, SingularMatrixError, tril, triu } from "./matrix.ts";
export { solve, type TriangularOptions, triangularSolve } from "./solving.ts";
