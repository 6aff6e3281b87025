/** Prints "N passed, N failed" from Vitest's JSON report; a test file that did not load counts as one failure. */
import { readFileSync } from "node:fs";

const report = JSON.parse(readFileSync(process.argv[2], "utf8"));
const broken = report.testResults.filter(
  (file) => file.status === "failed" && !file.assertionResults.some((test) => test.status === "failed"),
);
for (const file of broken) console.log(`did not load: ${file.name}`);
if (report.numPendingTests > 0) console.log(`${report.numPendingTests} skipped`);
console.log(`${report.numPassedTests} passed, ${report.numFailedTests + broken.length} failed`);
