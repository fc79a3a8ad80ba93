import { cases } from "../../../kit/cases.ts";

// How it goes: tests/server/failover_test.ts.
cases("FAILOVER", [
  ["nobody to hand over to", ["FAILOVER"], "-ERR FAILOVER requires connected replicas."],
  ["nothing to give up", ["FAILOVER ABORT"], "-ERR No failover in progress."],
  ["no time", ["FAILOVER TIMEOUT 0"], "-ERR FAILOVER timeout must be greater than 0"],
  ["time no number", ["FAILOVER TIMEOUT x"], "-ERR value is not an integer or out of range"],
  ["port no number", ["FAILOVER TO a b"], "-ERR value is not an integer or out of range"],
  ["unknown word", ["FAILOVER NOW"], "-ERR syntax error"],
  ["a word twice", ["FAILOVER FORCE FORCE"], "-ERR syntax error"],
]);
