import assert from "node:assert/strict";
import { test } from "node:test";
import { keyspaceVerify } from "../../../lib/engine/keyspace_verify.ts";
import { type SeededRandom, withSeed } from "../../kit/clock.ts";
import { bytesOf, encodeArgs } from "../../kit/resp.ts";
import { World } from "../../kit/world.ts";

// Few keys, so that requests of one batch meet each other's deletions, moves and overwrites.
function key(random: SeededRandom): string {
  return `k${random.below(12)}`;
}

function command(random: SeededRandom): string[] {
  const long = "v".repeat(random.below(300));
  const makers: (() => string[])[] = [
    () => ["SET", key(random), long],
    () => ["SET", key(random), String(random.below(1000))],
    () => ["GET", key(random)],
    () => ["GET", key(random)],
    () => ["MGET", key(random), key(random), key(random)],
    () => ["MSET", key(random), long, key(random), "1"],
    () => ["DEL", key(random), key(random)],
    () => ["APPEND", key(random), "xyz"],
    () => ["PEXPIRE", key(random), String(1 + random.below(40))],
    () => ["PERSIST", key(random)],
    () => ["RENAME", key(random), key(random)],
    () => ["COPY", key(random), key(random), "REPLACE"],
    () => ["SELECT", String(random.below(2))],
    () => ["SWAPDB", "0", "1"],
    () => ["EXISTS", key(random), key(random)],
    () => ["STRLEN", key(random)],
  ];
  if (random.below(60) === 0) return ["FLUSHDB"];
  return makers[random.below(makers.length)]();
}

test("requests that are looked up ahead answer as those that are not", () => {
  withSeed(20261122, (random) => {
    const ahead = new World({ seed: 1 });
    const plain = new World({ seed: 1 });
    ahead.engine.lookahead.databaseKeysMin = 0;
    plain.engine.lookahead.databaseKeysMin = Infinity;
    const one = ahead.connect();
    const other = plain.connect();
    for (let round = 0; round < 400; round++) {
      let batch = "";
      for (let i = random.below(40); i >= 0; i--) batch += encodeArgs(command(random));
      const bytes = bytesOf(batch);
      one.session.feed(bytes, 0, bytes.length);
      other.session.feed(bytes, 0, bytes.length);
      assert.equal(one.socket.reader.take(), other.socket.reader.take(), `round ${round}`);
      keyspaceVerify(ahead.engine.keyspace);
      const ms = random.below(20);
      ahead.advance(ms);
      plain.advance(ms);
    }
  });
});
