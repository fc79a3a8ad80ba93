// defrag_fuzz.ts: random commands on two equal servers, of which one defragments in between in slices of a few steps.
//
// Every reply of the two must be the same, whatever order or chance it depends on. At intervals the one that defragments
// checks itself and its blocks, and all values are dumped and compared. Limits are low, so that values of a few elements
// have tables, trees and chains; the first segment, which always stays, is filled, so that the others have something.

import assert from "node:assert/strict";
import { Defrag } from "../../lib/engine/defrag.ts";
import type { Keyspace } from "../../lib/engine/keyspace.ts";
import { keyspaceVerify } from "../../lib/engine/keyspace_verify.ts";
import { PointInTime } from "../../lib/engine/point_in_time.ts";
import {
  arenaAlloc,
  arenaFree,
  arenaUsable,
  arenaVerify,
  SEGMENT_SHIFT,
} from "../../lib/mem/arena.ts";
import { SeededRandom } from "../kit/clock.ts";
import { type MemoryClient, World } from "../kit/world.ts";

const DIRECTIVES = {
  databases: "3",
  "hash-max-listpack-entries": "4",
  "set-max-intset-entries": "4",
  "set-max-listpack-entries": "4",
  "zset-max-listpack-entries": "4",
  "list-max-listpack-size": "3",
  "stream-node-max-entries": "3",
};
const CHECK_EVERY = 1000;
const FAR_MS = "9000000000000";

/** A command on a key whose first letter tells its type. */
function command(random: SeededRandom, clock: number): string[] {
  const key = `${random.pick([..."slthvzxm"])}${random.below(6)}`;
  const name = () => `m${random.below(random.chance(0.1) ? 3000 : 60)}`;
  const text = () => "x".repeat(random.below(random.chance(0.02) ? 9000 : 60));
  const many = (one: () => string) => Array.from({ length: 1 + random.below(30) }, one);
  const grows = random.chance(0.6);
  switch (key[0]) {
    case "s":
      return grows ? ["SET", key + random.below(300), text()] : ["DEL", key + random.below(300)];
    case "m":
      return random.pick([
        ["SET", key + random.below(300), text(), "PX", String(1 + random.below(5000))],
        ["EXPIRE", key + random.below(300), "100"],
        ["APPEND", key, text()],
      ]);
    case "l":
      return grows ? [random.pick(["RPUSH", "LPUSH"]), key, ...many(text)] : random.pick([
        ["LPOP", key, String(random.below(20))],
        ["RPOP", key, String(random.below(20))],
        ["LTRIM", key, String(random.below(9)), "-3"],
        ["LINSERT", key, "BEFORE", "x", text()],
        ["LRANGE", key, "0", "-1"],
      ]);
    case "t":
      return grows
        ? ["SADD", key, ...many(name)]
        : random.pick([["SREM", key, ...many(name)], ["SPOP", key, "7"], ["SMEMBERS", key]]);
    case "h":
      return grows
        ? ["HSET", key, name(), text(), name(), text(), name(), text()]
        : random.pick([["HDEL", key, ...many(name)], ["HGETALL", key]]);
    case "v":
      return random.pick([
        ["HSETEX", key, "PXAT", FAR_MS + random.below(9), "FIELDS", "2", name(), "a", name(), "b"],
        ["HSETEX", key, "PXAT", String(clock + random.below(900)), "FIELDS", "1", name(), text()],
        ["HPERSIST", key, "FIELDS", "2", name(), name()],
        ["HDEL", key, ...many(name)],
        ["HGETALL", key],
      ]);
    case "z":
      return grows
        ? ["ZADD", key, ...many(name).flatMap((one) => [String(random.below(90) / 4), one])]
        : random.pick([
          ["ZREM", key, ...many(name)],
          ["ZPOPMIN", key, "9"],
          ["ZRANGE", key, "0", "-1", "WITHSCORES"],
          ["ZREMRANGEBYRANK", key, "3", "20"],
        ]);
    default:
      return streamCommand(random, key);
  }
}

function streamCommand(random: SeededRandom, key: string): string[] {
  const group = `g${random.below(3)}`;
  const consumer = `c${random.below(4)}`;
  const id = `${random.below(400)}-0`;
  return random.pick([
    ["XADD", key, "*", `f${random.below(3)}`, "v".repeat(random.below(200))],
    ["XADD", key, "*", "f", "v"],
    ["XGROUP", "CREATE", key, group, "0", "MKSTREAM"],
    ["XREADGROUP", "GROUP", group, consumer, "COUNT", "9", "STREAMS", key, ">"],
    ["XACK", key, group, id],
    ["XAUTOCLAIM", key, group, consumer, "0", "0", "COUNT", "5"],
    ["XGROUP", "DELCONSUMER", key, group, consumer],
    ["XGROUP", "DESTROY", key, group],
    ["XTRIM", key, "MAXLEN", String(random.below(200))],
    ["XPENDING", key, group, "-", "+", "50"],
    ["XINFO", "STREAM", key, "FULL"],
  ]);
}

/** Something that changes many keys or where they are. */
function upheaval(random: SeededRandom): string[] {
  const key = () => `${random.pick([..."slthvzxm"])}${random.below(6)}`;
  return random.pick([
    ["RENAME", key(), key()],
    ["COPY", key(), key(), "REPLACE"],
    ["MOVE", key(), "1"],
    ["SWAPDB", "0", "1"],
    ["UNLINK", key(), key(), key()],
    ["DEL", key()],
    ...random.chance(0.02) ? [["FLUSHDB", random.pick(["ASYNC", "SYNC"])]] : [],
    ...random.chance(0.01) ? [["FLUSHALL"]] : [],
    ["SELECT", String(random.below(2))],
  ]);
}

/** Fills the first segment. */
function fillFirst(ks: Keyspace): void {
  const { arena } = ks;
  for (const bytes of [16384, 64, 48, 32, 16, 80, 96, 112, 128, 512, 24, 1024]) {
    for (;;) {
      const block = arenaAlloc(arena, bytes);
      if (block >>> SEGMENT_SHIFT > 0) {
        arenaFree(arena, block);
        break;
      }
      ks.foreignBlocks++;
    }
  }
}

/** The two servers and what one of them does in between. */
class Fuzzer {
  readonly random: SeededRandom;
  readonly moving: World;
  readonly still: World;
  readonly clients: MemoryClient[];
  readonly defrag: Defrag;
  runs = 0;
  private walk: PointInTime | null = null;
  private us = 0;

  constructor(seed: number) {
    this.random = new SeededRandom(seed);
    const choices = { seed, directives: DIRECTIVES };
    this.moving = new World(choices);
    this.still = new World(choices);
    const isFull = this.random.chance(0.8);
    if (isFull) { for (const { engine } of [this.moving, this.still]) fillFirst(engine.keyspace); }
    this.clients = [this.moving.connect(), this.still.connect()];
    this.moving.engine.lookahead.databaseKeysMin = 0;
    this.defrag = new Defrag(this.moving.engine.keyspace);
    this.defrag.stepsPerLook = this.random.pick([8, 20, 64, 1000]);
  }

  call(args: string[]): void {
    const [got, want] = this.clients.map((client) => client.call(...args));
    if (got !== want) {
      const [one, other] = [got, want].map((text) => JSON.stringify(text.slice(0, 300)));
      assert.fail(`${JSON.stringify(args).slice(0, 200)}\n  moved ${one}\n  still ${other}`);
    }
  }

  advance(ms: number): void {
    this.moving.advance(ms);
    this.still.advance(ms);
  }

  slice(): void {
    const { defrag, random } = this;
    const { keyspace } = this.moving.engine;
    if (!defrag.isRunning) {
      const all = keyspace.arena.u8.map((_, segment) => segment).slice(1);
      defrag.beginWith(random.chance(0.5) ? all : all.slice(-1));
      this.runs++;
    }
    // Now and then something else must see the data stand still.
    if (this.walk === null && random.below(300) === 0) {
      this.walk = new PointInTime(keyspace, () => {});
    } else if (
      this.walk !== null && (this.walk.lost || !this.walk.step(3) || random.below(50) === 0)
    ) {
      this.walk.end();
      this.walk = null;
    }
    defrag.slice(() => this.us += 10, random.below(3) * 50);
    if (random.below(2000) === 0) defrag.stop();
  }

  check(): void {
    keyspaceVerify(this.moving.engine.keyspace);
    arenaVerify(this.moving.engine.keyspace.arena);
    this.call(["DEBUG", "DIGEST"]);
    const keys = this.clients[1].call("KEYS", "*").match(/^[slthvzxm]\d+/gm) ?? [];
    for (const key of keys) this.call(["DUMP", key]);
  }

  /** Lets the run under way, then a whole one, come to its end; nothing must be left where it was. */
  finish(): void {
    this.walk?.end();
    this.walk = null;
    const { defrag } = this;
    const { keyspace } = this.moving.engine;
    const end = () => {
      for (let n = 0; defrag.isRunning; n++) {
        assert.ok(n < 100_000, "a run does not end");
        defrag.slice(() => this.us += 10, 1000);
        if (defrag.isWaiting) this.advance(10);
      }
    };
    end();
    while (keyspace.condemned.length + keyspace.condemnedValues.length > 0) this.advance(10);
    const before = keyspace.arena.u8.map((_, segment) => segment).slice(1)
      .filter((segment) => keyspace.arena.u8[segment].length > 0);
    const buffers = before.map((segment) => keyspace.arena.u8[segment]);
    defrag.beginWith(before);
    end();
    for (let i = 0; i < before.length; i++) {
      assert.notEqual(keyspace.arena.u8[before[i]], buffers[i], `segment ${before[i]} is there`);
    }
  }
}

/** Throws on the first difference. */
export function fuzz(seed: number, operations: number, log: (text: string) => void): void {
  const fuzzer = new Fuzzer(seed);
  const { random, moving } = fuzzer;
  for (let n = 1; n <= operations; n++) {
    const isBig = random.below(25) === 0;
    fuzzer.call(isBig ? upheaval(random) : command(random, moving.clock.wallMs()));
    if (random.chance(0.4)) fuzzer.slice();
    if (random.below(20) === 0) fuzzer.advance(random.below(40) * 10);
    if (n % CHECK_EVERY === 0) fuzzer.check();
  }
  fuzzer.check();
  fuzzer.finish();
  fuzzer.check();
  const { hits, misses } = fuzzer.defrag.mover;
  log(`${fuzzer.runs} runs, ${hits} blocks moved, ${misses} looked at`);
  const { arena } = moving.engine.keyspace;
  assert.ok(arenaUsable(arena, moving.engine.keyspace.dbs[0].main) > 0);
}
