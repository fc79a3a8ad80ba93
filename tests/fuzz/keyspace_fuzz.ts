// keyspace_fuzz.ts: random commands on a whole engine against a naive model of its databases.
//
// The model is a Map per database with values as latin-1 strings, expiry times as BigInt and the encoding that OBJECT
// ENCODING must name. It predicts the exact reply of every command. Time stands still but for the steps the fuzzer
// takes, so expired keys lie about until something finds them: a command, the active expiry or a walk. The keyspace
// checks itself and its blocks at intervals.

import assert from "node:assert/strict";
import { keyspaceVerify } from "../../lib/engine/keyspace_verify.ts";
import { SeededRandom } from "../kit/clock.ts";
import { encodeArgs, parseReply } from "../kit/resp.ts";
import { type MemoryClient, World } from "../kit/world.ts";

type Encoding = "int" | "embstr" | "raw";

interface Entry {
  value: string;
  encoding: Encoding;
  expireAt: bigint | null;
}

const DATABASES = 4;
const VERIFY_EVERY = 400;
const INT64_MAX = 0x7fffffffffffffffn;
const NULL = "$-1\r\n";
const OK = "+OK\r\n";

const bulk = (text: string) => `$${text.length}\r\n${text}\r\n`;
const int = (value: number | bigint) => `:${value}\r\n`;

function isInt64(text: string): boolean {
  if (!/^(0|-?[1-9]\d{0,18})$/.test(text)) return false;
  const value = BigInt(text);
  return value >= -INT64_MAX - 1n && value <= INT64_MAX;
}

function fits(key: string, value: string, hasExpire: boolean): boolean {
  const overhead = 8 + (key.length < 32 ? 3 : 5) + 4 + (hasExpire ? 8 : 0);
  return overhead + key.length + value.length <= 128;
}

function encodingOf(key: string, value: string, hasExpire: boolean): Encoding {
  if (value.length <= 20 && isInt64(value)) return "int";
  return fits(key, value, hasExpire) ? "embstr" : "raw";
}

/** One run: the engine, the model, and a method per command that returns the reply the model predicts. */
class Fuzzer {
  random: SeededRandom;
  world: World;
  client: MemoryClient;
  dbs: Map<string, Entry>[] = [];
  selected = 0;
  keys: string[] = [];
  /** About how many commands go in one piece. */
  pipeline: number;
  pending: { args: string[]; wanted: string }[] = [];

  constructor(seed: number) {
    this.random = new SeededRandom(seed);
    this.world = new World({ seed, directives: { databases: String(DATABASES) } });
    this.client = this.world.connect();
    this.pipeline = this.random.pick([1, 1, 5, 30]);
    // Looking ahead pays for large databases only; here it is to be wrong as often as it can.
    this.world.engine.lookahead.databaseKeysMin = 0;
    for (let i = 0; i < DATABASES; i++) this.dbs.push(new Map());
    // Few keys, so that commands meet; some long enough to decide whether their values are embedded.
    for (let i = 0; i < 12; i++) {
      this.keys.push(`k${i}`, "n".repeat(20 + i) + i, "long".repeat(3 + 3 * i) + i);
    }
    this.keys.push("", "\0\r\n\xff");
  }

  get nowMs(): bigint {
    return BigInt(this.world.clock.wallMs());
  }

  get db(): Map<string, Entry> {
    return this.dbs[this.selected];
  }

  key(): string {
    return this.random.pick(this.keys);
  }

  /** The entry of a key that is there and not expired; an expired one is forgotten. */
  find(key: string, db = this.db): Entry | undefined {
    const entry = db.get(key);
    if (entry === undefined || entry.expireAt === null || entry.expireAt >= this.nowMs) {
      return entry;
    }
    db.delete(key);
    return undefined;
  }

  value(): string {
    const { random } = this;
    switch (random.below(8)) {
      case 0:
        return String(random.below(1000) - 500);
      case 1:
        return String(BigInt.asIntN(64, BigInt(random.next32()) * BigInt(random.next32())));
      case 2:
        return random.pick(["", "0", "-0", "007", "9223372036854775807", "9223372036854775808"]);
      case 3:
        return "x".repeat(random.below(20_000));
      default:
        return "v".repeat(random.below(130));
    }
  }

  /** Sends a command, at once or later together with others, and compares. */
  expect(args: string[], wanted: string): void {
    this.pending.push({ args, wanted });
    if (this.random.below(this.pipeline) === 0) this.sendPending();
  }

  /** Sends what is pending in one piece. */
  sendPending(): void {
    const { reader } = this.client.socket;
    const { pending } = this;
    this.pending = [];
    this.client.sendRaw(pending.map(({ args }) => encodeArgs(args)).join(""));
    for (const { args, wanted } of pending) this.compare(args, wanted, reader.next() ?? "nothing");
  }

  private compare(args: string[], wanted: string, got: string): void {
    if (got === wanted) return;
    assert.fail(
      `${JSON.stringify(args.map((arg) => arg.slice(0, 80)))}\n` +
        `  want ${JSON.stringify(wanted.slice(0, 200))}\n  got  ${
          JSON.stringify(got.slice(0, 200))
        }`,
    );
  }

  /** Stores as SET and the like do: an old expiry counts for the encoding even when it goes. */
  store(key: string, value: string, expireAt: bigint | null): void {
    const old = this.find(key);
    const encoding = encodingOf(key, value, old !== undefined && old.expireAt !== null);
    const entry = { value, encoding, expireAt: old?.expireAt ?? null };
    this.db.set(key, entry);
    if (expireAt === null) entry.expireAt = null;
    else this.setExpire(key, entry, expireAt);
  }

  setExpire(key: string, entry: Entry, expireAt: bigint): void {
    if (entry.expireAt === null && entry.encoding === "embstr" && !fits(key, entry.value, true)) {
      entry.encoding = "raw";
    }
    entry.expireAt = expireAt;
  }

  set(): void {
    const { random } = this;
    const key = this.key();
    const value = this.value();
    const old = this.find(key);
    const kind = random.below(6);
    if (kind === 0) {
      const ms = 1 + random.below(3000);
      this.store(key, value, this.nowMs + BigInt(ms));
      this.expect(["SET", key, value, "PX", String(ms)], OK);
    } else if (kind === 1) {
      const keep = old?.expireAt ?? null;
      this.store(key, value, keep);
      this.expect(["SET", key, value, "KEEPTTL"], OK);
    } else if (kind === 2) {
      if (old === undefined) this.store(key, value, null);
      this.expect(["SET", key, value, "NX"], old === undefined ? OK : NULL);
    } else if (kind === 3) {
      const reply = old === undefined ? NULL : bulk(old.value);
      if (old !== undefined) this.store(key, value, null);
      this.expect(["SET", key, value, "XX", "GET"], reply);
    } else {
      this.store(key, value, null);
      this.expect(["SET", key, value], OK);
    }
  }

  get(): void {
    const key = this.key();
    const entry = this.find(key);
    this.expect(["GET", key], entry === undefined ? NULL : bulk(entry.value));
  }

  incrby(): void {
    const key = this.key();
    const by = this.random.chance(0.1)
      ? INT64_MAX - BigInt(this.random.below(10))
      : BigInt(this.random.below(2000) - 1000);
    const entry = this.find(key);
    const command = ["INCRBY", key, String(by)];
    const old = entry?.value ?? "0";
    if (!isInt64(old)) {
      this.expect(command, "-ERR value is not an integer or out of range\r\n");
      return;
    }
    const sum = BigInt(old) + by;
    if (sum > INT64_MAX || sum < -INT64_MAX - 1n) {
      this.expect(command, "-ERR increment or decrement would overflow\r\n");
      return;
    }
    if (entry === undefined) {
      this.db.set(key, { value: String(sum), encoding: "int", expireAt: null });
    } else {
      entry.value = String(sum);
      entry.encoding = "int";
    }
    this.expect(command, int(sum));
  }

  append(): void {
    const key = this.key();
    const value = this.value();
    const entry = this.find(key);
    if (entry === undefined) {
      this.db.set(key, { value, encoding: encodingOf(key, value, false), expireAt: null });
    } else {
      entry.value += value;
      entry.encoding = "raw";
    }
    this.expect(["APPEND", key, value], int(this.db.get(key)?.value.length ?? 0));
  }

  setrange(): void {
    const key = this.key();
    const off = this.random.below(300);
    const value = this.random.chance(0.2) ? "" : "r".repeat(1 + this.random.below(50));
    const entry = this.find(key);
    const command = ["SETRANGE", key, String(off), value];
    if (value === "") {
      this.expect(command, int(entry?.value.length ?? 0));
      return;
    }
    const old = (entry?.value ?? "").padEnd(off, "\0");
    const fresh = old.slice(0, off) + value + old.slice(off + value.length);
    if (entry === undefined) this.db.set(key, { value: fresh, encoding: "raw", expireAt: null });
    else Object.assign(entry, { value: fresh, encoding: "raw" });
    this.expect(command, int(fresh.length));
  }

  getrange(): void {
    const key = this.key();
    const from = this.random.below(60);
    const to = from + this.random.below(60);
    const value = this.find(key)?.value ?? "";
    this.expect(["GETRANGE", key, String(from), String(to)], bulk(value.slice(from, to + 1)));
  }

  setbit(): void {
    const key = this.key();
    const at = this.random.below(2000);
    const bit = this.random.below(2);
    const entry = this.find(key);
    const byteAt = at >> 3;
    const old = (entry?.value ?? "").padEnd(byteAt + 1, "\0");
    const mask = 0x80 >> (at & 7);
    const byte = old.charCodeAt(byteAt);
    const wanted = bit === 1 ? byte | mask : byte & ~mask;
    const fresh = old.slice(0, byteAt) + String.fromCharCode(wanted) + old.slice(byteAt + 1);
    if (entry === undefined) this.db.set(key, { value: fresh, encoding: "raw", expireAt: null });
    else Object.assign(entry, { value: fresh, encoding: "raw" });
    this.expect(["SETBIT", key, String(at), String(bit)], int((byte & mask) === 0 ? 0 : 1));
  }

  expire(): void {
    const { random } = this;
    const key = this.key();
    const entry = this.find(key);
    const far = random.chance(0.1);
    const when = far ? INT64_MAX - BigInt(random.below(100)) : this.nowMs +
      BigInt(random.below(4000) - 200);
    const condition = random.pick(["", "", "NX", "XX", "GT", "LT"]);
    const command = random.chance(0.5) || far
      ? ["PEXPIREAT", key, String(when)]
      : ["PEXPIRE", key, String(when - this.nowMs)];
    if (condition !== "") command.push(condition);
    if (entry === undefined || !conditionHolds(condition, entry.expireAt, when)) {
      this.expect(command, int(0));
      return;
    }
    if (when <= this.nowMs) this.db.delete(key);
    else this.setExpire(key, entry, when);
    this.expect(command, int(1));
  }

  persist(): void {
    const key = this.key();
    const entry = this.find(key);
    const had = entry !== undefined && entry.expireAt !== null;
    if (entry !== undefined) entry.expireAt = null;
    this.expect(["PERSIST", key], int(had ? 1 : 0));
  }

  ttl(): void {
    const key = this.key();
    const entry = this.find(key);
    const at = entry?.expireAt ?? null;
    const missing = entry === undefined ? -2 : -1;
    this.expect(["PTTL", key], int(at === null ? missing : at - this.nowMs));
    this.expect(["EXPIRETIME", key], int(at === null ? missing : (at + 500n) / 1000n));
  }

  /** Puts an entry under another key as RENAME, COPY and MOVE do. */
  place(key: string, entry: Entry, db: Map<string, Entry>): void {
    const embedded = entry.encoding === "embstr" && fits(key, entry.value, entry.expireAt !== null);
    const encoding = entry.encoding === "embstr" && !embedded ? "raw" : entry.encoding;
    db.set(key, { ...entry, encoding });
  }

  rename(): void {
    const key = this.key();
    const target = this.key();
    const onlyIfAbsent = this.random.chance(0.3);
    const command = [onlyIfAbsent ? "RENAMENX" : "RENAME", key, target];
    const entry = this.find(key);
    if (entry === undefined) return this.expect(command, "-ERR no such key\r\n");
    if (key === target) return this.expect(command, onlyIfAbsent ? int(0) : OK);
    if (onlyIfAbsent && this.find(target) !== undefined) return this.expect(command, int(0));
    this.db.delete(key);
    this.place(target, entry, this.db);
    this.expect(command, onlyIfAbsent ? int(1) : OK);
  }

  copy(): void {
    const key = this.key();
    const target = this.key();
    const index = this.random.chance(0.5) ? this.selected : this.random.below(DATABASES);
    const replace = this.random.chance(0.5);
    const command = ["COPY", key, target, "DB", String(index)];
    if (replace) command.push("REPLACE");
    if (index === this.selected && key === target) {
      return this.expect(command, "-ERR source and destination objects are the same\r\n");
    }
    const entry = this.find(key);
    const db = this.dbs[index];
    if (entry === undefined || (!replace && this.find(target, db) !== undefined)) {
      return this.expect(command, int(0));
    }
    this.place(target, entry, db);
    this.expect(command, int(1));
  }

  move(): void {
    const key = this.key();
    const index = this.random.below(DATABASES);
    const command = ["MOVE", key, String(index)];
    if (index === this.selected) {
      return this.expect(command, "-ERR source and destination objects are the same\r\n");
    }
    const entry = this.find(key);
    const db = this.dbs[index];
    if (entry === undefined || this.find(key, db) !== undefined) {
      return this.expect(command, int(0));
    }
    this.db.delete(key);
    db.set(key, entry);
    this.expect(command, int(1));
  }

  del(): void {
    const keys = Array.from({ length: 1 + this.random.below(4) }, () => this.key());
    let count = 0;
    for (const key of keys) {
      if (this.find(key) !== undefined) count++;
      this.db.delete(key);
    }
    this.expect([this.random.pick(["DEL", "UNLINK"]), ...keys], int(count));
  }

  look(): void {
    const key = this.key();
    const entry = this.find(key);
    this.expect(["EXISTS", key, key], int(entry === undefined ? 0 : 2));
    this.expect(["STRLEN", key], int(entry?.value.length ?? 0));
    this.expect(["TYPE", key], entry === undefined ? "+none\r\n" : "+string\r\n");
    this.expect(["OBJECT", "ENCODING", key], entry === undefined ? NULL : bulk(entry.encoding));
  }

  select(): void {
    this.selected = this.random.below(DATABASES);
    this.expect(["SELECT", String(this.selected)], OK);
  }

  swap(): void {
    const a = this.random.below(DATABASES);
    const b = this.random.below(DATABASES);
    [this.dbs[a], this.dbs[b]] = [this.dbs[b], this.dbs[a]];
    this.expect(["SWAPDB", String(a), String(b)], OK);
  }

  flush(): void {
    const option = this.random.pick([[], ["SYNC"], ["ASYNC"]]);
    if (this.random.chance(0.2)) {
      for (const db of this.dbs) db.clear();
      this.expect(["FLUSHALL", ...option], OK);
    } else {
      this.db.clear();
      this.expect(["FLUSHDB", ...option], OK);
    }
  }

  /** A whole SCAN in one go and KEYS: both must name exactly the keys that are there. */
  list(): void {
    this.sendPending();
    const wanted = this.keys.filter((key) => this.find(key) !== undefined).sort();
    const seen = new Set<string>();
    let cursor = "0";
    do {
      const count = String(1 + this.random.below(12));
      const { items = [] } = parseReply(this.client.call("SCAN", cursor, "COUNT", count)).reply;
      cursor = items[0].text;
      for (const item of items[1].items ?? []) seen.add(item.text);
    } while (cursor !== "0");
    assert.deepEqual([...seen].sort(), wanted, "SCAN");
    const all = parseReply(this.client.call("KEYS", "*")).reply.items ?? [];
    assert.deepEqual(all.map((item) => item.text).sort(), wanted, "KEYS");
    this.expect(["DBSIZE"], int(wanted.length));
  }

  verify(): void {
    this.sendPending();
    const { engine } = this.world;
    keyspaceVerify(engine.keyspace);
    for (const db of this.dbs) for (const key of [...db.keys()]) this.find(key, db);
  }
}

function conditionHolds(condition: string, old: bigint | null, when: bigint): boolean {
  if (condition === "NX") return old === null;
  if (condition === "XX") return old !== null;
  if (condition === "GT") return old !== null && when > old;
  return condition !== "LT" || old === null || when < old;
}

/** Throws on the first difference. */
export function fuzz(seed: number, operations: number): void {
  const fuzzer = new Fuzzer(seed);
  const { random, world } = fuzzer;
  const often: (() => void)[] = [
    () => fuzzer.set(),
    () => fuzzer.set(),
    () => fuzzer.set(),
    () => fuzzer.get(),
    () => fuzzer.incrby(),
    () => fuzzer.append(),
    () => fuzzer.setrange(),
    () => fuzzer.getrange(),
    () => fuzzer.setbit(),
    () => fuzzer.expire(),
    () => fuzzer.expire(),
    () => fuzzer.persist(),
    () => fuzzer.ttl(),
    () => fuzzer.rename(),
    () => fuzzer.copy(),
    () => fuzzer.move(),
    () => fuzzer.del(),
    () => fuzzer.look(),
    () => fuzzer.select(),
  ];
  const rarely = [() => fuzzer.swap(), () => fuzzer.flush(), () => fuzzer.list()];
  for (let n = 0; n < operations; n++) {
    if (random.below(60) === 0) random.pick(rarely)();
    else random.pick(often)();
    if (random.below(20) === 0) {
      fuzzer.sendPending();
      if (random.chance(0.5)) world.clock.advance(random.below(500));
      else world.advance(random.below(300));
    }
    if (n % VERIFY_EVERY === VERIFY_EVERY - 1) fuzzer.verify();
  }
  fuzzer.verify();
  fuzzer.client.call("FLUSHALL");
  keyspaceVerify(world.engine.keyspace);
}
