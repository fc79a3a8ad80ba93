// replay_model.ts: what a data set is after each unit of the stream of changes: the naive model that recovered data is
// compared with.
//
//   units   SET a 1 | MULTI SET b 1, DEL a EXEC | ...      each all or nothing
//   state   after unit n, for every n; one can go back
//
// Written from the meaning of the commands alone, with Maps and strings; it knows what the stream may hold, and throws at
// anything else. A key or field whose time has come is not there, whether or not the stream has deleted it yet.
//
//   text of a key    type|expiry in ms or 0|value      h|0|f=v@1767225600000,g=w

import { encodeArgs, latin1, parseReplies } from "./resp.ts";
import type { MemoryClient } from "./world.ts";

/** The databases that are looked at. */
export const DATABASES = 4;

/** A value; never changed, only replaced. */
interface Entry {
  readonly type: "s" | "l" | "e" | "h" | "z" | "x";
  readonly untilMs: number;
  readonly text?: string;
  readonly list?: readonly string[];
  /** Members of a set with "", fields of a hash, members of a sorted set with their score. */
  readonly map?: ReadonlyMap<string, string>;
  /** Fields of a hash that have an expiry. */
  readonly fieldsUntil?: ReadonlyMap<string, number>;
}

/** The data of all databases, by "DB/KEY". */
export type State = ReadonlyMap<string, Entry>;

type Change = readonly [name: string, before: Entry | undefined];

/** The words of all commands in a piece of the stream. */
export function commandsOf(stream: string): string[][] {
  const commands: string[][] = [];
  for (let at = 0; at < stream.length;) {
    let end = stream.indexOf("\r\n", at);
    const words: string[] = [];
    const count = Number(stream.slice(at + 1, end));
    at = end + 2;
    for (let i = 0; i < count; i++) {
      end = stream.indexOf("\r\n", at);
      const len = Number(stream.slice(at + 1, end));
      words.push(stream.slice(end + 2, end + 2 + len));
      at = end + 2 + len + 2;
    }
    commands.push(words);
  }
  return commands;
}

/** The state after each unit. */
export class ReplayModel {
  private state = new Map<string, Entry>();
  private units: Change[][] = [];
  private changes: Change[] = [];
  private db = 0;

  /** Units so far. */
  get length(): number {
    return this.units.length;
  }

  /** The state as it is now, which will not change. */
  snapshot(): State {
    return new Map(this.state);
  }

  /** Begins anew with what a start finds of another state in a snapshot: of hashes only fields whose time has not come. */
  reset(state: State, nowMs: number): void {
    this.state = new Map(state);
    this.units = [];
    this.drop((entry) => textOf(entry, nowMs) === "");
  }

  /**
   * Drops keys that are not there any more at that time: who looked at them may have removed them, without a word in the
   * stream. A hash whose last field is due is still a key until that field is removed: it can be given a time, which is that
   * of fields to come as well.
   */
  dropExpired(nowMs: number): void {
    this.drop((entry) => isExpired(entry, nowMs));
  }

  private drop(isGone: (entry: Entry) => boolean): void {
    for (const [name, entry] of this.state) if (isGone(entry)) this.state.delete(name);
  }

  /** Takes a piece of the stream that holds whole units. */
  feed(bytes: Uint8Array, off: number, len: number): void {
    let isInTransaction = false;
    for (const words of commandsOf(latin1(bytes, off, off + len))) {
      if (words[0] === "SELECT") this.db = Number(words[1]);
      else if (words[0] === "MULTI") isInTransaction = true;
      else if (words[0] !== "EXEC") this.run(words);
      if (words[0] === "EXEC") isInTransaction = false;
      if (!isInTransaction && words[0] !== "SELECT") {
        this.units.push(this.changes);
        this.changes = [];
      }
    }
  }

  private undo(): Change[] {
    const changes = this.units.pop() as Change[];
    for (let i = changes.length - 1; i >= 0; i--) {
      const [name, before] = changes[i];
      if (before === undefined) this.state.delete(name);
      else this.state.set(name, before);
    }
    return changes;
  }

  /**
   * Goes back to the latest unit, from `floor` on, after which the data were these. Returns "" or how they differ from the
   * most similar state.
   */
  goBackTo(found: ReadonlyMap<string, string>, floor: number, nowMs: number): string {
    const wrong = new Set<string>();
    const look = (name: string) => {
      if (textOf(this.state.get(name), nowMs) === (found.get(name) ?? "")) wrong.delete(name);
      else wrong.add(name);
    };
    for (const name of [...this.state.keys(), ...found.keys()]) look(name);
    let least = Infinity;
    let report = "";
    const last = this.length;
    for (;;) {
      if (wrong.size === 0) return "";
      if (wrong.size < least) {
        least = wrong.size;
        const shown = [...wrong].slice(0, 5).map((name) =>
          `\n  ${name}: is ${cut(found.get(name))} and should be ${
            cut(textOf(this.state.get(name), nowMs))
          }`
        );
        report =
          `unit ${this.length} of ${floor}..${last} is the most similar: ${least} keys differ${
            shown.join("")
          }`;
      }
      if (this.length <= floor) return report;
      for (const [name] of this.undo()) look(name);
    }
  }

  // ---- commands

  private get(key: string): Entry | undefined {
    return this.state.get(`${this.db}/${key}`);
  }

  private put(key: string, entry: Entry | undefined): void {
    this.putAt(`${this.db}/${key}`, entry);
  }

  private putAt(name: string, entry: Entry | undefined): void {
    const before = this.state.get(name);
    if (before === undefined && entry === undefined) return;
    this.changes.push([name, before]);
    if (entry === undefined || isEmpty(entry)) this.state.delete(name);
    else this.state.set(name, entry);
  }

  private run(words: string[]): void {
    const [name, key, ...rest] = words;
    const entry = key === undefined ? undefined : this.get(key);
    if (STRINGS.has(name)) this.put(key, stringAfter(name, entry, rest));
    else if (LISTS.has(name)) this.put(key, listAfter(name, entry, rest));
    else if (MAPS.has(name)) this.put(key, mapAfter(name, entry, rest));
    else this.runGeneric(name, key, entry, rest);
  }

  private runGeneric(name: string, key: string, entry: Entry | undefined, rest: string[]): void {
    switch (name) {
      case "DEL":
      case "UNLINK":
        for (const one of [key, ...rest]) this.put(one, undefined);
        return;
      case "RENAME":
        this.put(key, undefined);
        return this.put(rest[0], entry);
      case "COPY":
        return this.put(rest[0], entry);
      case "MOVE":
        this.put(key, undefined);
        return this.putAt(`${rest[0]}/${key}`, entry);
      case "MSET":
        for (let i = 0, all = [key, ...rest]; i < all.length; i += 2) {
          this.put(all[i], { type: "s", untilMs: 0, text: all[i + 1] });
        }
        return;
      case "PEXPIREAT":
        return this.put(key, entry && { ...entry, untilMs: Number(rest[0]) });
      case "PERSIST":
        return this.put(key, entry && { ...entry, untilMs: 0 });
      case "LMOVE":
        return this.moveElement(key, rest);
      case "FLUSHALL":
        for (const one of [...this.state.keys()]) this.putAt(one, undefined);
        return;
      case "FLUSHDB":
        for (const one of this.namesIn(this.db)) this.putAt(one, undefined);
        return;
      case "SWAPDB":
        return this.swap(Number(key), Number(rest[0]));
    }
    throw new Error(`the model does not know ${name}`);
  }

  private moveElement(key: string, [to, fromEnd, toEnd]: string[]): void {
    const entry = this.get(key);
    const list = entry?.list ?? [];
    const element = list.at(fromEnd === "LEFT" ? 0 : -1) as string;
    this.run([fromEnd === "LEFT" ? "LPOP" : "RPOP", key]);
    this.run([toEnd === "LEFT" ? "LPUSH" : "RPUSH", to, element]);
    // A list that is turned is not gone in between.
    if (to === key && entry !== undefined) this.put(key, { ...entry, list: this.get(key)?.list });
  }

  private namesIn(db: number): string[] {
    return [...this.state.keys()].filter((name) => name.startsWith(`${db}/`));
  }

  private swap(a: number, b: number): void {
    const moved = new Map<string, Entry | undefined>();
    for (const [from, to] of [[a, b], [b, a]]) {
      for (const name of this.namesIn(from)) {
        if (!moved.has(name)) moved.set(name, undefined);
        moved.set(`${to}/${name.slice(name.indexOf("/") + 1)}`, this.state.get(name));
      }
    }
    for (const [name, entry] of moved) this.putAt(name, entry);
  }
}

const STRINGS = new Set(["SET", "APPEND", "INCR", "INCRBY", "DECR", "SETRANGE"]);
const LISTS = new Set(["RPUSH", "LPUSH", "RPOP", "LPOP", "LTRIM", "LREM", "XADD", "XDEL"]);
const MAPS = new Set([
  "SADD",
  "SREM",
  "HSET",
  "HDEL",
  "HINCRBY",
  "HPEXPIREAT",
  "HPERSIST",
  "HSETEX",
  "ZADD",
  "ZREM",
  "ZINCRBY",
  "ZPOPMIN",
]);

function isEmpty({ list, map }: Entry): boolean {
  return list?.length === 0 || map?.size === 0;
}

function isExpired({ untilMs }: Entry, nowMs: number): boolean {
  return untilMs > 0 && untilMs < nowMs;
}

function stringAfter(name: string, entry: Entry | undefined, rest: string[]): Entry {
  const old = entry?.text ?? "";
  const untilMs = entry?.untilMs ?? 0;
  switch (name) {
    case "SET": {
      const [text, option, ms] = rest;
      if (option === "PXAT") return { type: "s", untilMs: Number(ms), text };
      if (option !== undefined && option !== "KEEPTTL") throw new Error(`SET with ${option}`);
      return { type: "s", untilMs: option === "KEEPTTL" ? untilMs : 0, text };
    }
    case "APPEND":
      return { type: "s", untilMs, text: old + rest[0] };
    case "SETRANGE": {
      const off = Number(rest[0]);
      const start = old.padEnd(off, "\0").slice(0, off);
      return { type: "s", untilMs, text: start + rest[1] + old.slice(off + rest[1].length) };
    }
  }
  const by = name === "INCRBY" ? Number(rest[0]) : name === "INCR" ? 1 : -1;
  return { type: "s", untilMs, text: String(Number(old || "0") + by) };
}

function listAfter(name: string, entry: Entry | undefined, rest: string[]): Entry {
  const type = name.startsWith("X") ? "x" : "l";
  const untilMs = entry?.untilMs ?? 0;
  const list = [...entry?.list ?? []];
  const count = Number(rest[0] ?? 1);
  if (name === "RPUSH") list.push(...rest);
  else if (name === "LPUSH") list.unshift(...rest.reverse());
  else if (name === "RPOP") list.splice(Math.max(0, list.length - count));
  else if (name === "LPOP") list.splice(0, count);
  else if (name === "XADD") list.push(rest.join("="));
  else if (name === "XDEL") {
    return {
      type,
      untilMs,
      list: list.filter((one) => !one.startsWith(`${rest[0]}=`)),
    };
  } else if (name === "LREM") list.splice(list.indexOf(rest[1]), 1);
  else if (name === "LTRIM") {
    return { type, untilMs, list: list.slice(Number(rest[0]), Number(rest[1]) + 1) };
  }
  return { type, untilMs, list };
}

function mapAfter(name: string, entry: Entry | undefined, rest: string[]): Entry {
  const type = name.startsWith("S") ? "e" : name.startsWith("H") ? "h" : "z";
  const map = new Map(entry?.map);
  const fieldsUntil = new Map(entry?.fieldsUntil);
  if (name === "SADD") { for (const one of rest) map.set(one, ""); }
  if (name === "SREM" || name === "HDEL" || name === "ZREM") {
    for (const one of rest) {
      map.delete(one);
      fieldsUntil.delete(one);
    }
  }
  if (name === "HSET") {
    for (let i = 0; i < rest.length; i += 2) {
      map.set(rest[i], rest[i + 1]);
      fieldsUntil.delete(rest[i]);
    }
  }
  if (name === "HSETEX") {
    const [word, ms, , , field, text, more] = rest;
    if (word !== "PXAT" || more !== undefined) throw new Error(`HSETEX with ${rest.join(" ")}`);
    map.set(field, text);
    fieldsUntil.set(field, Number(ms));
  }
  if (name === "HINCRBY") map.set(rest[0], String(Number(map.get(rest[0]) ?? 0) + Number(rest[1])));
  if (name === "HPEXPIREAT") {
    for (const field of rest.slice(rest.indexOf("FIELDS") + 2)) {
      if (map.has(field)) fieldsUntil.set(field, Number(rest[0]));
    }
  }
  if (name === "HPERSIST") { for (const field of rest.slice(2)) fieldsUntil.delete(field); }
  if (name === "ZADD") { for (let i = 0; i < rest.length; i += 2) map.set(rest[i + 1], rest[i]); }
  if (name === "ZINCRBY") map.set(rest[1], String(Number(map.get(rest[1]) ?? 0) + Number(rest[0])));
  if (name === "ZPOPMIN") {
    const lowest = [...map].sort(byScore).slice(0, Number(rest[0] ?? 1));
    for (const [member] of lowest) map.delete(member);
  }
  return { type, untilMs: entry?.untilMs ?? 0, map, fieldsUntil };
}

function byScore(a: [string, string], b: [string, string]): number {
  return Number(a[1]) - Number(b[1]) || (a[0] < b[0] ? -1 : 1);
}

/** A key as text; "" where there is none at that time. */
function textOf(entry: Entry | undefined, nowMs: number): string {
  if (entry === undefined || isExpired(entry, nowMs)) return "";
  const { type, untilMs, text, list, map, fieldsUntil } = entry;
  let value = text ?? list?.join(",") ?? "";
  if (map !== undefined) {
    const until = (name: string) => fieldsUntil?.get(name) ?? 0;
    const there = [...map].filter(([name]) => until(name) === 0 || until(name) >= nowMs);
    if (there.length === 0) return "";
    value = there.map(([name, held]) => memberText(name, held, until(name))).sort().join(",");
  }
  return `${type}|${untilMs}|${value}`;
}

function memberText(name: string, held: string, untilMs: number): string {
  return `${name}=${held}${untilMs > 0 ? `@${untilMs}` : ""}`;
}

function cut(text: string | undefined): string {
  if (text === undefined || text === "") return "absent";
  return text.length > 200 ? `${text.slice(0, 200)}... (${text.length})` : text;
}

const TYPES: Readonly<Record<string, readonly [letter: string, ...read: string[]]>> = {
  string: ["s", "GET", "KEY"],
  list: ["l", "LRANGE", "KEY", "0", "-1"],
  set: ["e", "SMEMBERS", "KEY"],
  hash: ["h", "HGETALL", "KEY"],
  zset: ["z", "ZRANGE", "KEY", "0", "-1", "WITHSCORES"],
  stream: ["x", "XRANGE", "KEY", "-", "+"],
};

/** The data of a server, key by key, as text: read with its own commands. */
export function dataOf(client: MemoryClient): Map<string, string> {
  const ask = (commands: readonly (readonly string[])[]) => {
    client.sendRaw(commands.map(encodeArgs).join(""));
    client.world.endTurn();
    return parseReplies(client.socket.reader.take());
  };
  const all = Array.from({ length: DATABASES }, (_, db) => [["SELECT", `${db}`], ["KEYS", "*"]]);
  const names: (readonly [db: number, key: string])[] = [];
  ask(all.flat()).forEach(({ items }, i) => {
    for (const { text } of items ?? []) names.push([i >> 1, text]);
  });
  const about = ask(names.flatMap(([db, key]) => [
    ["SELECT", `${db}`],
    ["TYPE", key],
    ["PEXPIRETIME", key],
  ]));
  const typeOf = (i: number) => TYPES[about[i * 3 + 1].text] ?? TYPES.string;
  const isHash = (i: number) => typeOf(i)[0] === "h";
  const values = ask(names.flatMap(([db, key], i) => {
    const read = typeOf(i).slice(1).map((word) => word === "KEY" ? key : word);
    return [["SELECT", `${db}`], read];
  }));
  const found = new Map<string, string>();
  names.forEach(([db, key], i) => {
    const { text, items = [] } = values[i * 2 + 1];
    const untilMs = Math.max(0, Number(about[i * 3 + 2].text));
    const words = items.map((item) => item.text);
    let value = text;
    if (typeOf(i)[0] === "l") value = words.join(",");
    else if (typeOf(i)[0] === "x") {
      value = items.map(({ items: parts = [] }) =>
        [parts[0].text, ...(parts[1].items ?? []).map((one) => one.text)].join("=")
      ).join(",");
    } else if (typeOf(i)[0] === "e") {
      value = words.map((one) => memberText(one, "", 0)).sort().join(",");
    } else if (typeOf(i)[0] !== "s") value = pairsText(client, db, key, words, isHash(i));
    if (value !== "" || typeOf(i)[0] === "s") {
      found.set(`${db}/${key}`, `${typeOf(i)[0]}|${untilMs}|${value}`);
    }
  });
  return found;
}

function pairsText(
  client: MemoryClient,
  db: number,
  key: string,
  words: string[],
  isHash: boolean,
): string {
  const names = words.filter((_, i) => i % 2 === 0);
  let until: number[] = [];
  if (isHash && names.length > 0) {
    client.sendRaw(
      encodeArgs(["SELECT", `${db}`]) +
        encodeArgs(["HPEXPIRETIME", key, "FIELDS", String(names.length), ...names]),
    );
    client.world.endTurn();
    until = (parseReplies(client.socket.reader.take())[1].items ?? []).map((one) =>
      Number(one.text)
    );
  }
  return names.map((name, i) => memberText(name, words[i * 2 + 1], Math.max(0, until[i] ?? 0)))
    .sort().join(",");
}
