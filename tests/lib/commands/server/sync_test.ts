import { cases } from "../../../kit/cases.ts";

// What follows the snapshot: tests/lib/session/propagation_test.ts.
cases("SYNC", [
  [
    "not in a transaction",
    ["MULTI", "SYNC"],
    "-ERR Command 'sync' not allowed inside a transaction",
  ],
  ["takes nothing", ["SYNC 1"], "-ERR wrong number of arguments for 'sync' command"],
]);
