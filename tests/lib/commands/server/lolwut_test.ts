import { test } from "node:test";
import assert from "node:assert/strict";
import { cases } from "../../../kit/cases.ts";
import { World } from "../../../kit/world.ts";

const USAGE = "-ERR Syntax error. Use: LOLWUT [columns rows] [real imaginary]";
const NO_INTEGER = "-ERR value is not an integer or out of range";
const PICTURE = /^\$\d+ .*Valkey ver\. 9\.1\.0\n$/s;

cases("LOLWUT", [
  // name                    steps                            reply
  ["default", ["LOLWUT"], PICTURE],
  ["size", ["LOLWUT 40 20"], PICTURE],
  ["size and constant", ["LOLWUT 40 20 -0.5 0.5"], /c = -0\.50 \+ 0\.50i, /],
  ["negative imaginary part", ["LOLWUT 4 2 0.25 -0.5"], /c = 0\.25 - 0\.50i, /],
  ["rows are missing", ["LOLWUT 40"], USAGE],
  ["no number", ["LOLWUT x"], USAGE],
  ["imaginary part is missing", ["LOLWUT 40 20 1"], USAGE],
  ["too much", ["LOLWUT 40 20 1 2 3"], USAGE],
  ["rows are no number", ["LOLWUT 40 x"], NO_INTEGER],
  ["constant is no number", ["LOLWUT 40 20 x 1"], "-ERR value is not a valid float"],
  ["version word alone", ["LOLWUT VERSION"], USAGE],
  ["version is no number", ["LOLWUT VERSION x"], NO_INTEGER],
  ["version 9", ["LOLWUT VERSION 9 30 10 0.1 0.2"], PICTURE],
  ["version 5", ["LOLWUT VERSION 5"], PICTURE],
  ["version 5 in small", ["LOLWUT VERSION 5 10 2 2 ignored"], PICTURE],
  ["version 5, no number", ["LOLWUT VERSION 5 10 2 x"], NO_INTEGER],
  ["version 6", ["LOLWUT VERSION 6 20 10"], PICTURE],
  ["version 6, no number", ["LOLWUT VERSION 6 x"], NO_INTEGER],
  ["other versions", ["LOLWUT VERSION 100"], /^\$17 Valkey ver\.9\.1\.0\n$/],
  ["other versions take anything", ["LOLWUT VERSION 7 a b"], /^\$17 Valkey ver\.9\.1\.0\n$/],
]);

function linesOf(reply: string): string[] {
  return reply.slice(reply.indexOf("\r\n") + 2, -2).split("\n");
}

test("LOLWUT keeps to the size, within limits", () => {
  const client = new World().connect();
  const rows: [args: string[], columns: number, rows: number][] = [
    [["30", "10"], 30, 10],
    [["0", "-5"], 1, 1],
    [["9999", "9999"], 160, 80],
    [["VERSION", "6", "12", "3"], 12, 3],
    [["VERSION", "5", "20", "5", "4"], 20, 8],
  ];
  for (const [args, columns, height] of rows) {
    const picture = linesOf(client.call("LOLWUT", ...args)).slice(0, height);
    assert.ok(picture.every((line) => line.length === columns), args.join(" "));
    assert.equal(linesOf(client.call("LOLWUT", ...args))[height], "");
  }
});

test("LOLWUT draws the inside of the set with ink", () => {
  const client = new World().connect();
  const disc = linesOf(client.call("LOLWUT", "5", "5", "0", "0"));
  assert.equal(disc[2][2], "@");
  assert.equal(disc[0][0], " ");
});

test("LOLWUT tells the older name where that is asked for", () => {
  const client = new World().connect();
  client.call("CONFIG", "SET", "extended-redis-compatibility", "yes");
  assert.match(client.call("LOLWUT", "VERSION", "6"), /Redis ver\. 7\.2\.4\n\r\n$/);
});
