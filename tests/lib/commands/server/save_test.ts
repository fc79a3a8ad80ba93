import { cases } from "../../../kit/cases.ts";

// What these do to files: tests/server/persistence_test.ts.
cases("SAVE without files", [
  ["SAVE", ["SAVE"], /^(-ERR this server keeps no files|\+OK)/],
  ["BGSAVE", ["BGSAVE"], /^(-ERR this server keeps no files|\+Background saving started)/],
  ["BGSAVE with a wrong word", ["BGSAVE NOW"], "-ERR syntax error"],
  ["BGSAVE with too many words", ["BGSAVE SCHEDULE x"], "-ERR syntax error"],
  [
    "nothing to cancel",
    ["BGSAVE CANCEL"],
    /^(-ERR Background saving is currently not in progress or scheduled|\+)/,
  ],
  [
    "not in a transaction",
    ["MULTI", "SAVE"],
    "-ERR Command 'save' not allowed inside a transaction",
  ],
]);

cases("BGREWRITEAOF", [
  [
    "without files",
    ["BGREWRITEAOF"],
    /^(-ERR this server keeps no files|\+Background append only)/,
  ],
  [
    "takes nothing",
    ["BGREWRITEAOF x"],
    "-ERR wrong number of arguments for 'bgrewriteaof' command",
  ],
]);

cases("LASTSAVE", [
  ["a time", ["LASTSAVE"], /^:\d{10}$/],
  ["takes nothing", ["LASTSAVE 1"], "-ERR wrong number of arguments for 'lastsave' command"],
]);
