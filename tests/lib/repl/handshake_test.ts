import assert from "node:assert/strict";
import { test } from "node:test";
import { Handshake, type HandshakeFacts, type Outcome } from "../../../lib/repl/handshake.ts";

const ID = "0123456789abcdef0123456789abcdef01234567";
const FACTS: HandshakeFacts = {
  user: "",
  password: "",
  port: 6380,
  address: "",
  version: "9.1.0",
  id: "",
  next: 0,
  isFailover: false,
};

/** What is sent before the answers are given, then after each; and the outcome. */
function talk(
  facts: Partial<HandshakeFacts>,
  answers: readonly string[],
): [string[], Outcome | null] {
  const handshake = new Handshake({ ...FACTS, ...facts });
  const said = handshake.start().map((words) => words.join(" "));
  let outcome: Outcome | null = null;
  for (const answer of answers) {
    assert.equal(outcome, null, `nothing is expected behind the outcome: ${answer}`);
    const step = handshake.line(answer);
    said.push(...step.send.map((words) => words.join(" ")));
    outcome = step.outcome;
  }
  return [said, outcome];
}

const CONF = [
  "REPLCONF listening-port 6380",
  "REPLCONF capa eof capa psync2",
  "REPLCONF version 9.1.0",
];
const OK = ["+OK", "+OK", "+OK"];

const ROWS: readonly [string, Partial<HandshakeFacts>, string[], string[], Outcome | null][] = [
  ["one that knows nothing", {}, ["+PONG", ...OK, `+FULLRESYNC ${ID} 1234`], [
    "PING",
    ...CONF,
    "PSYNC ? -1",
  ], { kind: "full", id: ID, offset: 1234 }],
  ["one that was there before", { id: ID, next: 5 }, ["+PONG", ...OK, `+CONTINUE ${ID}`], [
    "PING",
    ...CONF,
    `PSYNC ${ID} 5`,
  ], { kind: "continue", id: ID }],
  ["an older primary goes on without an id", { id: ID, next: 5 }, ["+PONG", ...OK, "+CONTINUE"], [
    "PING",
    ...CONF,
    `PSYNC ${ID} 5`,
  ], { kind: "continue", id: "" }],
  ["a password", { password: "p" }, ["-NOAUTH Authentication required.", "+OK", ...OK], [
    "PING",
    "AUTH p",
    ...CONF,
    "PSYNC ? -1",
  ], null],
  ["user and password, refused", { user: "u", password: "p" }, ["+PONG", "-WRONGPASS no"], [
    "PING",
    "AUTH u p",
    ...CONF,
  ], { kind: "failed" }],
  ["an address of its own", { address: "10.0.0.1" }, ["+PONG"], [
    "PING",
    CONF[0],
    "REPLCONF ip-address 10.0.0.1",
    CONF[1],
    CONF[2],
  ], null],
  ["options that are not understood", {}, ["+PONG", "-ERR x", "-ERR y", "-ERR z"], [
    "PING",
    ...CONF,
    "PSYNC ? -1",
  ], null],
  ["no primary at all", {}, ["-DENIED go away"], ["PING"], { kind: "failed" }],
  ["signs of life before the answer", {}, ["+PONG", ...OK, "", "", "-LOADING later"], [
    "PING",
    ...CONF,
    "PSYNC ? -1",
  ], { kind: "later" }],
  ["a primary without a primary", {}, ["+PONG", ...OK, "-NOMASTERLINK Can't SYNC"], [
    "PING",
    ...CONF,
    "PSYNC ? -1",
  ], { kind: "later" }],
  ["a primary that knows no PSYNC", {}, ["+PONG", ...OK, "-ERR unknown command"], [
    "PING",
    ...CONF,
    "PSYNC ? -1",
    "SYNC",
  ], { kind: "full", id: "", offset: -1 }],
  ["an answer without an id", {}, ["+PONG", ...OK, "+FULLRESYNC x 7"], [
    "PING",
    ...CONF,
    "PSYNC ? -1",
  ], { kind: "full", id: "", offset: -1 }],
  ["taking over, refused", { id: ID, next: 9, isFailover: true }, ["+PONG", ...OK, "-ERR no"], [
    "PING",
    ...CONF,
    `PSYNC ${ID} 9 FAILOVER`,
  ], { kind: "failed" }],
];

for (const [name, facts, answers, said, outcome] of ROWS) {
  test(`handshake: ${name}`, () => {
    assert.deepEqual(talk(facts, answers), [said, outcome]);
  });
}
