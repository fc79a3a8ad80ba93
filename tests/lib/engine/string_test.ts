import { test } from "node:test";
import assert from "node:assert/strict";
import { fromLatin1, latin1 } from "../../../lib/bytes/ascii.ts";
import {
  keyDelete,
  keyFind,
  keyHash,
  Keyspace,
  recordPersist,
  recordSetExpire,
} from "../../../lib/engine/keyspace.ts";
import { keyspaceVerify } from "../../../lib/engine/keyspace_verify.ts";
import {
  ENCODING_EMBSTR,
  ENCODING_INT,
  ENCODING_RAW,
  recordClock,
  recordEncoding,
  recordExpireMs,
} from "../../../lib/engine/record.ts";
import {
  embeddedOff,
  intOverwrite,
  intStore,
  rawCreate,
  rawOff,
  rawStore,
  stringBytes,
  stringGrow,
  stringLength,
  stringStore,
  stringView,
  textStore,
  view,
} from "../../../lib/engine/string.ts";
import { SEGMENT_SHIFT, UNIT_MASK } from "../../../lib/mem/arena.ts";
import { Random } from "../bytes/random.ts";

const FAR_LO = 1;
const FAR_HI = 1000;
const FAR_MS = FAR_HI * 4294967296 + FAR_LO;

/** One database and the operations of string.ts on keys given as text. */
class Store {
  ks = new Keyspace(1, Int32Array.of(1, 2), () => 0);
  db = this.ks.dbs[0];

  hash(key: string): number {
    return keyHash(this.ks, fromLatin1(key), 0, key.length);
  }

  find(key: string): number {
    return keyFind(this.ks, this.db, this.hash(key), fromLatin1(key), 0, key.length);
  }

  set(key: string, value: string, keepExpire = false, store = stringStore): number {
    const rec = this.find(key);
    const name = fromLatin1(key);
    const bytes = fromLatin1(value);
    return store(
      this.ks,
      this.db,
      this.hash(key),
      rec,
      name,
      0,
      key.length,
      bytes,
      0,
      bytes.length,
      keepExpire,
    );
  }

  expire(key: string): number {
    return recordSetExpire(this.ks, this.db, this.hash(key), this.find(key), FAR_LO, FAR_HI);
  }

  grow(key: string, len: number, slack = false): number {
    return stringGrow(this.ks, this.db, this.hash(key), this.find(key), len, slack);
  }

  get(key: string): string {
    stringView(this.ks, this.find(key));
    return latin1(view.buf, view.off, view.len);
  }

  encoding(key: string): number {
    return recordEncoding(this.ks.arena, this.find(key));
  }

  expireMs(key: string): number {
    return recordExpireMs(this.ks.arena, this.find(key));
  }
}

test("values come back in the encoding their text asks for", () => {
  const rows: [string, number][] = [
    ["", ENCODING_EMBSTR],
    ["5", ENCODING_INT],
    ["-9223372036854775808", ENCODING_INT],
    ["9223372036854775808", ENCODING_EMBSTR],
    ["05", ENCODING_EMBSTR],
    ["hello", ENCODING_EMBSTR],
    ["x".repeat(112), ENCODING_EMBSTR],
    ["x".repeat(113), ENCODING_RAW],
    ["x".repeat(100000), ENCODING_RAW],
  ];
  const store = new Store();
  for (const [value, encoding] of rows) {
    for (const [before] of rows) {
      store.set("k", before);
      store.set("k", value);
      assert.equal(store.get("k"), value);
      assert.equal(store.encoding("k"), encoding, `${value.length} bytes`);
      assert.equal(stringLength(store.ks, store.find("k")), value.length);
      keyspaceVerify(store.ks);
    }
  }
});

test("the layout of the record's header is that of its example", () => {
  const store = new Store();
  const rec = store.set("k", "hello");
  const from = (rec & UNIT_MASK) << 4;
  const bytes = store.ks.arena.u8[rec >>> SEGMENT_SHIFT].slice(from, from + 18);
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
  assert.equal(hex, "10 00 00 00 01 00 00 00 05 00 00 00 6b 68 65 6c 6c 6f");
  assert.equal(embeddedOff(store.ks, rec), from + 13);
});

test("an expiry is kept or goes", () => {
  const values = ["5", "word", "x".repeat(200)];
  for (const before of values) {
    for (const after of values) {
      const store = new Store();
      store.set("k", before);
      store.expire("k");
      assert.equal(store.get("k"), before);
      store.set("k", after, true);
      assert.equal(store.expireMs("k"), FAR_MS);
      assert.equal(store.get("k"), after);
      keyspaceVerify(store.ks);
      store.set("k", after, false);
      assert.equal(store.expireMs("k"), -1);
      assert.equal(store.get("k"), after);
      keyspaceVerify(store.ks);
    }
  }
});

test("an expiry can push a value out of its record", () => {
  const store = new Store();
  store.set("k", "x".repeat(104));
  store.set("l", "x".repeat(105));
  store.expire("k");
  store.expire("l");
  assert.equal(store.encoding("k"), ENCODING_EMBSTR);
  assert.equal(store.encoding("l"), ENCODING_RAW);
  recordPersist(store.ks, store.db, store.hash("l"), store.find("l"));
  assert.equal(store.encoding("l"), ENCODING_RAW);
  assert.equal(store.get("l"), "x".repeat(105));
  keyspaceVerify(store.ks);
});

test("textStore leaves numbers text", () => {
  const store = new Store();
  store.set("k", "5", false, textStore);
  assert.equal(store.encoding("k"), ENCODING_EMBSTR);
  store.expire("k");
  store.set("k", "6", true, textStore);
  assert.equal(store.get("k"), "6");
  assert.equal(store.expireMs("k"), FAR_MS);
  keyspaceVerify(store.ks);
});

test("rawStore takes over a block", () => {
  const store = new Store();
  for (const before of ["", "5", "word", "x".repeat(300)]) {
    if (before !== "") store.set("k", before);
    const value = rawCreate(store.ks, 3);
    store.ks.arena.u8[value >>> SEGMENT_SHIFT].set(fromLatin1("abc"), rawOff(value));
    assert.equal(rawOff(value) & 3, 0);
    const key = fromLatin1("k");
    const { ks, db } = store;
    rawStore(ks, db, store.hash("k"), store.find("k"), key, 0, 1, value, false);
    assert.equal(store.get("k"), "abc");
    assert.equal(store.encoding("k"), ENCODING_RAW);
    keyspaceVerify(ks);
  }
});

test("integers are stored and overwritten", () => {
  const store = new Store();
  const key = fromLatin1("k");
  intStore(store.ks, store.db, store.hash("k"), 0, key, 0, 1, 7, 0, false);
  assert.equal(store.get("k"), "7");
  intOverwrite(store.ks, store.find("k"), 0, -1);
  assert.equal(store.get("k"), "-4294967296");
  store.expire("k");
  assert.equal(store.get("k"), "-4294967296");
  intStore(store.ks, store.db, store.hash("k"), store.find("k"), key, 0, 1, 8, 0, true);
  assert.equal(store.get("k"), "8");
  assert.equal(store.expireMs("k"), FAR_MS);
  keyspaceVerify(store.ks);
});

test("a new value keeps the access clock of its key", () => {
  const store = new Store();
  store.ks.lruSeconds = 1000;
  store.set("k", "word");
  store.ks.lruSeconds = 2000;
  for (const value of ["5", "word", "x".repeat(300), "y".repeat(300), "other"]) {
    store.set("k", value);
    assert.equal(recordClock(store.ks.arena, store.find("k")), 1000, value);
  }
});

test("a value of about the same length goes where the old one was", () => {
  const store = new Store();
  const rec = store.set("k", "x".repeat(290));
  const used = store.ks.arena.usedBytes;
  assert.equal(store.set("k", "y".repeat(300)), rec);
  assert.equal(store.ks.arena.usedBytes, used);
  assert.equal(store.get("k"), "y".repeat(300));
  assert.equal(stringBytes(store.ks, rec), used - usedWithout(store));
});

/** Bytes in use once the key is gone; the store is spent. */
function usedWithout(store: Store): number {
  keyDelete(store.ks, store.db, store.hash("k"), store.find("k"));
  return store.ks.arena.usedBytes;
}

test("growing keeps the bytes and adds zeros", () => {
  for (const before of ["12", "word", "x".repeat(300)]) {
    for (const slack of [false, true]) {
      const store = new Store();
      store.set("k", before);
      store.expire("k");
      store.grow("k", 1, slack);
      assert.equal(store.encoding("k"), ENCODING_RAW);
      assert.equal(store.get("k"), before);
      store.grow("k", 1000, slack);
      assert.equal(store.get("k"), before + "\0".repeat(1000 - before.length));
      assert.equal(store.expireMs("k"), FAR_MS);
      keyspaceVerify(store.ks);
    }
  }
});

test("growing with room for more rarely moves the bytes", () => {
  const store = new Store();
  store.set("k", "x");
  let moves = 0;
  let block = 0;
  for (let len = 2; len < 100000; len += 7) {
    const rec = store.grow("k", len, true);
    const words = store.ks.arena.i32[rec >>> SEGMENT_SHIFT];
    const value = words[((rec & UNIT_MASK) << 2) + 2];
    if (value !== block) moves++;
    block = value;
  }
  assert.ok(moves < 20, `${moves} moves`);
});

test("random changes against a map", () => {
  const seed = 90125;
  const random = new Random(seed);
  const store = new Store();
  const model = new Map<string, string>();
  for (let round = 0; round < 3000; round++) {
    const key = random.pick(["a", "b", "a key of some length"]);
    const value = random.pick(["7", "-12", "word", "x".repeat(random.below(300)), ""]);
    const note = `seed ${seed} round ${round}`;
    switch (random.below(5)) {
      case 0:
      case 1:
        store.set(key, value, random.below(2) === 0);
        model.set(key, value);
        break;
      case 2:
        if (!model.has(key)) break;
        store.expire(key);
        break;
      case 3: {
        const old = model.get(key);
        if (old === undefined) break;
        const len = random.below(400);
        store.grow(key, len, random.below(2) === 0);
        model.set(key, old.padEnd(len, "\0"));
        break;
      }
      default:
        if (!model.delete(key)) break;
        keyDelete(store.ks, store.db, store.hash(key), store.find(key));
    }
    for (const [name, wanted] of model) assert.equal(store.get(name), wanted, note);
    keyspaceVerify(store.ks);
  }
});
