/**
 * The parts of Vitest's JSON report that are read.
 *
 * @typedef {object} TestReport
 * @property {readonly TestFile[]} testResults
 *
 * @typedef {object} TestFile
 * @property {string} name
 * @property {string} status `failed` also when the file itself could not run.
 * @property {readonly { readonly fullName: string, readonly status: string }[]} assertionResults
 */

/**
 * @typedef {object} TestTally
 * @property {number} passed
 * @property {number} failed
 * @property {readonly string[]} complaints What failed besides tests that ran: one line each.
 */

/**
 * Counts what a test run proved. Only a test that ran can pass: one that was skipped counts as failed, and
 * so does a file that could not run, and a run without any test.
 *
 * @param {TestReport} report
 * @returns {TestTally}
 */
export function tallyTests(report) {
  let passed = 0;
  let failed = 0;
  /** @type {string[]} */
  const complaints = [];

  for (const file of report.testResults) {
    let failedHere = 0;
    for (const test of file.assertionResults) {
      if (test.status === "passed") {
        passed += 1;
        continue;
      }
      failedHere += 1;
      if (test.status !== "failed") complaints.push(`Did not run (${test.status}): ${test.fullName}`);
    }
    if (file.status === "failed" && failedHere === 0) {
      failedHere = 1;
      complaints.push(`Could not run: ${file.name}`);
    }
    failed += failedHere;
  }
  if (passed + failed === 0) {
    failed = 1;
    complaints.push("No test ran.");
  }
  return { passed, failed, complaints };
}

/**
 * The last line of a test run, which other programs read.
 *
 * @param {{ readonly passed: number, readonly failed: number }} tally
 * @returns {string}
 */
export function closingLine({ passed, failed }) {
  return `${passed} passed, ${failed} failed`;
}
