/** Implementation limits, those of the JavaScript API specification ("Implementation-defined Limits"). */
export const enum Limit {
  moduleSize = 1073741824,
  types = 1000000,
  functions = 1000000,
  imports = 1000000,
  exports = 1000000,
  globals = 1000000,
  tables = 100000,
  tags = 1000000,
  dataSegments = 100000,
  elementSegments = 10000000,
  elementEntries = 10000000,
  tableSize = 10000000,
  functionSize = 7654321,
  locals = 50000,
  params = 1000,
  results = 1000,
  brTableTargets = 65520,
  catchClauses = 65520,
  /** Height of the operand stack in a body: twice what the stack of 64 MiB has room for that would be needed to run it. */
  operands = 16777216,
  memoryPages = 65536,
}
