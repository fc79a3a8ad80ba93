import { cases } from "../../../kit/cases.ts";

cases("READONLY, READWRITE", [
  ["READONLY", ["READONLY"], "+OK"],
  ["it is shown", ["READONLY", "CLIENT INFO"], / flags=r /],
  ["with others", ["READONLY", "CLIENT NO-EVICT on", "CLIENT INFO"], / flags=re /],
  ["READWRITE", ["READWRITE"], "+OK"],
  ["it takes it back", ["READONLY", "READWRITE", "CLIENT INFO"], / flags=N /],
  ["RESET takes it back", ["READONLY", "RESET", "CLIENT INFO"], / flags=N /],
  ["in a transaction", ["MULTI", "READONLY", "EXEC"], "*1 +OK"],
  ["filter", ["READONLY", "CLIENT LIST FLAGS r"], / flags=r /],
  ["filter, the other way", ["READONLY", "CLIENT LIST ID 1 NOT-FLAGS r"], "$0 "],
  ["arity", ["READONLY x"], "-ERR wrong number of arguments for 'readonly' command"],
  ["arity of READWRITE", ["READWRITE x"], "-ERR wrong number of arguments for 'readwrite' command"],
]);
