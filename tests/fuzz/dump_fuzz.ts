// dump_fuzz.ts: payloads of DUMP, whole and damaged, into RESTORE.
//
// A server in memory makes values of all types and encodings by random commands. A payload that is whole must come back as
// an equal value (DEBUG DIGEST-VALUE). A damaged one, its checksum ignored, must be refused or become a value that
// satisfies its type's invariants and can be read and dumped; nothing may be thrown, no block may be lost.

import assert from "node:assert/strict";
import { keyspaceVerify } from "../../lib/engine/keyspace_verify.ts";
import { SeededRandom } from "../kit/clock.ts";
import { parseReply, type Reply } from "../kit/resp.ts";
import { type MemoryClient, World } from "../kit/world.ts";

const VERIFY_EVERY = 200;
const POOL_MAX = 60;
const FOOTER_BYTES = 10;
const FAR_MS = "9000000000000";

/** Payloads of kinds that are not written any more: kind and value, the footer is rubbish. */
const OLD_KINDS: readonly string[] = [
  // List, set, hash of single strings.
  "\x01\x03\x01a\xc0\x05\x01b",
  "\x02\x03\x01a\xc0\x05\x01b",
  "\x04\x02\x01f\x01v\x01g\xc0\x07",
  // Sorted sets with scores as text and as doubles.
  "\x03\x02\x01a\x031.5\x01b\xff",
  "\x05\x01\x01a\x00\x00\x00\x00\x00\x00\xf8\x3f",
  // Zipmap, and ziplists as list, quicklist, sorted set and hash.
  "\x09\x18\x02\x03foo\x03\x00bar\x05hello\x05\x00world\xff",
  ...["\x0a", "\x0e\x01", "\x0c", "\x0d"].map((kind) =>
    `${kind}\x0f\x0f\x00\x00\x00\x0c\x00\x00\x00\x02\x00\x00\xf3\x02\xf6\xff`
  ),
].map((value) => value + "\x0b\x00" + "\x00".repeat(8));

/** Commands that make values, by the letter their keys start with. */
function makeCommands(random: SeededRandom, key: string): string[] {
  const word = () => random.chance(0.3) ? "w".repeat(random.below(90)) : `m${random.below(40)}`;
  const number = () => String(random.below(100_000) - 50_000);
  const some = () => random.chance(0.5) ? word() : number();
  switch (key[0]) {
    case "s":
      return ["SET", key, random.chance(0.3) ? number() : "abc".repeat(random.below(60))];
    case "l":
      return ["RPUSH", key, some(), some(), "x".repeat(random.below(3) * 5000)];
    case "t":
      return ["SADD", key, ...random.chance(0.5) ? [number(), number()] : [some(), some()]];
    case "h":
      return ["HSET", key, word(), some(), number(), word()];
    case "v":
      return ["HSETEX", key, "PXAT", FAR_MS, "FIELDS", "1", word(), some()];
    case "z":
      return ["ZADD", key, String(random.below(80) / 4), word(), number(), some()];
    default:
      return random.pick([
        ["XADD", key, "*", word(), some(), "f", some()],
        ["XADD", key, "*", "f", some()],
        ["XGROUP", "CREATE", key, `g${random.below(2)}`, "0", "MKSTREAM"],
        ["XREADGROUP", "GROUP", `g${random.below(2)}`, `c${random.below(2)}`, "STREAMS", key, ">"],
      ]);
  }
}

/** Damages a payload: bytes changed, cut out, doubled. */
function damaged(random: SeededRandom, payload: string): string {
  let bytes = payload;
  for (let left = 1 + random.below(4); left > 0; left--) {
    const at = random.below(Math.max(1, bytes.length - FOOTER_BYTES));
    const kind = random.below(10);
    if (kind < 7) {
      const edge = random.pick([0, 1, 2, 0x7f, 0x80, 0x81, 0xc0, 0xc3, 0xf0, 0xff]);
      const byte = random.chance(0.5) ? random.below(256) : edge;
      bytes = bytes.slice(0, at) + String.fromCharCode(byte) + bytes.slice(at + 1);
    } else if (kind < 9) {
      bytes = bytes.slice(0, at) + bytes.slice(at + 1 + random.below(8));
    } else {
      bytes = bytes.slice(0, at) + bytes.slice(Math.max(0, at - random.below(12)));
    }
  }
  return bytes;
}

/** The commands a restored value must withstand. */
const PROBES: Readonly<Record<string, readonly string[][]>> = {
  list: [["LRANGE", "k", "0", "-1"], ["LPUSH", "k", "new"], ["LREM", "k", "0", "new"]],
  set: [["SMEMBERS", "k"], ["SADD", "k", "new", "77"], ["SREM", "k", "new"]],
  hash: [["HGETALL", "k"], ["HSET", "k", "new", "1"], ["HDEL", "k", "new"]],
  zset: [["ZRANGE", "k", "0", "-1", "WITHSCORES"], ["ZADD", "k", "3", "new"], ["ZREM", "k", "new"]],
  stream: [["XRANGE", "k", "-", "+"], ["XINFO", "STREAM", "k", "FULL"], [
    "XTRIM",
    "k",
    "MAXLEN",
    "1",
  ]],
  string: [["GET", "k"], ["STRLEN", "k"]],
};

function ask(client: MemoryClient, ...args: string[]): Reply {
  return parseReply(client.call(...args)).reply;
}

function restoreWhole(client: MemoryClient, key: string, payload: string): void {
  assert.equal(ask(client, "RESTORE", "copy", "0", payload, "REPLACE").text, "OK");
  const digest = (name: string) => ask(client, "DEBUG", "DIGEST-VALUE", name).items?.[0].text;
  assert.equal(digest("copy"), digest(key), `${key} came back as something else`);
  const again = ask(client, "DUMP", "copy").text;
  // A table that has shrunk comes back in a smaller form.
  if (again[0] === payload[0]) assert.equal(again.length, payload.length);
}

function restoreDamaged(client: MemoryClient, payload: string): boolean {
  const { text } = ask(client, "RESTORE", "k", "0", payload, "REPLACE");
  if (text !== "OK") return false;
  const type = ask(client, "TYPE", "k").text;
  ask(client, "DUMP", "k");
  ask(client, "DEBUG", "DIGEST-VALUE", "k");
  for (const probe of PROBES[type] ?? []) ask(client, ...probe);
  return true;
}

/** Runs `operations` random payloads. Throws on the first that does harm. */
export function fuzz(seed: number, operations: number, log: (text: string) => void): void {
  const random = new SeededRandom(seed);
  const world = new World({ seed });
  const client = world.connect();
  const pool = [...OLD_KINDS];
  ask(client, "DEBUG", "SET-SKIP-CHECKSUM-VALIDATION", "1");
  let taken = 0;
  for (let n = 0; n < operations; n++) {
    const key = `${random.pick([..."slthvzx"])}${random.below(4)}`;
    const command = makeCommands(random, key);
    log(command.join(" "));
    ask(client, ...command);
    if (random.below(40) === 0) ask(client, "DEL", key);
    const dump = ask(client, "DUMP", key);
    if (dump.type === "$") {
      restoreWhole(client, key, dump.text);
      if (pool.length < POOL_MAX) pool.push(dump.text);
      else pool[OLD_KINDS.length + random.below(POOL_MAX - OLD_KINDS.length)] = dump.text;
    }
    const payload = damaged(random, random.pick(pool));
    log(`RESTORE ${JSON.stringify(payload)}`);
    if (restoreDamaged(client, payload)) taken++;
    assert.equal(client.socket.closed, false, "the connection was closed: something was thrown");
    if (n % VERIFY_EVERY === VERIFY_EVERY - 1) keyspaceVerify(world.engine.keyspace);
  }
  keyspaceVerify(world.engine.keyspace);
  log(`${taken} of ${operations} damaged payloads were taken`);
}
