/** The computation graph: both passes as data, laid out and drawn. */
export {
  drawnGraph,
  type Formula,
  type GraphAnswer,
  type GraphQuestion,
  graphAnswer,
  type Row,
  type ShownEdge,
  type ShownNode,
} from "./answer.ts";
export { type Numbers, shapeOf } from "./numbers.ts";
export { edgeId, graphPicture, type Mode, type Step, stepsOf } from "./picture.ts";
export { arithmetic, told } from "./words.ts";
