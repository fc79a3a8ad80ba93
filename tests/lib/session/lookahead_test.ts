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

/** A command of more keys than are worked out at once; some of what it names is created, moved or removed on the way. */
function many(random: SeededRandom): string[] {
  const keys = Array.from({ length: 200 + random.below(500) }, () => `k${random.below(600)}`);
  const pairs = () => keys.flatMap((name) => [name, "v".repeat(random.below(60))]);
  const makers: (() => string[])[] = [
    () => ["MGET", ...keys],
    () => ["EXISTS", ...keys],
    () => ["DEL", ...keys],
    () => ["SUNION", ...keys],
    () => ["MSET", ...pairs()],
    () => ["MSETNX", ...pairs()],
  ];
  return random.pick(makers)();
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
  if (random.below(60) === 0) return many(random);
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

/** What several clients do to each other, ends of connections and errors of the protocol among it. */
function exchange(random: SeededRandom): string {
  const id = String(1 + random.below(12));
  const makers: (() => string[])[] = [
    () => ["BLPOP", "list", "other", "0"],
    () => ["LPUSH", random.pick(["list", "other"]), "a", "b"],
    () => ["MULTI"],
    () => ["EXEC"],
    () => ["WATCH", key(random)],
    () => ["SUBSCRIBE", "channel"],
    () => ["RESET"],
    () => ["PUBLISH", "channel", "hello"],
    () => ["CLIENT", "KILL", "ID", id],
    () => ["CLIENT", "PAUSE", "5", "WRITE"],
    () => ["CLIENT", "UNPAUSE"],
    () => ["CLIENT", "UNBLOCK", id],
    () => ["CLIENT", "REPLY", random.pick(["ON", "OFF", "SKIP"])],
    () => ["QUIT"],
    () => ["NOSUCH", key(random)],
    () => ["GET"],
  ];
  const roll = random.below(100);
  if (roll < 2) return "*1\r\n$x\r\n";
  if (roll < 8) return `GET ${key(random)}\r\n`;
  if (roll < 10) return "\r\n*0\r\n";
  if (roll < 60) return encodeArgs(command(random));
  return encodeArgs(makers[random.below(makers.length)]());
}

test("pieces of many clients that are read into one table run as those that are read alone", () => {
  withSeed(20261130, (random) => {
    const together = new World({ seed: 1, turns: true });
    const alone = new World({ seed: 1, turns: true });
    for (const world of [together, alone]) world.engine.lookahead.databaseKeysMin = 0;
    alone.engine.lookahead.pieceBytesMax = -1;
    const pair = () => ({ one: together.connect(), other: alone.connect(), rest: "" });
    const pairs = Array.from({ length: 8 }, pair);
    for (let turn = 0; turn < 1500; turn++) {
      for (let i = 0; i < pairs.length; i++) {
        let bytes = pairs[i].rest;
        for (let n = random.chance(0.7) ? 1 : random.below(90); n > 0; n--) {
          bytes += exchange(random);
        }
        const cut = random.chance(0.8) ? bytes.length : random.below(bytes.length + 1);
        pairs[i].rest = bytes.slice(cut);
        pairs[i].one.sendRaw(bytes.slice(0, cut));
        pairs[i].other.sendRaw(bytes.slice(0, cut));
      }
      together.endTurn();
      alone.endTurn();
      for (let i = 0; i < pairs.length; i++) {
        const { one, other } = pairs[i];
        const isClosed = other.socket.closed;
        assert.equal(one.socket.closed, isClosed, `turn ${turn}, client ${i}`);
        const heard = one.socket.reader.take();
        assert.equal(heard, other.socket.reader.take(), `turn ${turn}, client ${i}`);
        if (isClosed || random.below(200) === 0) {
          one.close();
          other.close();
          pairs[i] = pair();
        }
      }
      together.advance(random.below(20));
      alone.advance(together.clock.wallMs() - alone.clock.wallMs());
      keyspaceVerify(together.engine.keyspace);
    }
    assert.equal(
      together.engine.server.stats.totalCommands,
      alone.engine.server.stats.totalCommands,
    );
    assert.deepEqual(together.engine.server.calls, alone.engine.server.calls);
    assert.deepEqual(
      pairs.map((each) => each.one.session.commands),
      pairs.map((each) => each.other.session.commands),
    );
  });
});
