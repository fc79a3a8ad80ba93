// mode_keys.ts: looks through all keys for the largest of each type, by number of elements or by
// bytes of memory. Each batch of SCAN costs two round trips: the types, then the sizes.

import { ByteWriter, latin1, textOf } from "./byte_writer.ts";
import type { Client } from "./client.ts";
import { sleep } from "./io.ts";
import { failMode, scanKeys } from "./mode_scan.ts";
import { appendQuoted } from "./words.ts";

/** What is known of one type so far. */
type TypeTotals = {
  name: string;
  /** Command that gives the number of elements; null for types of modules. */
  sizeCommand: string | null;
  unit: string;
  biggest: bigint;
  biggestKey: string | null;
  count: number;
  total: bigint;
};

const TYPES: readonly (readonly [name: string, command: string, unit: string])[] = [
  ["string", "STRLEN", "bytes"],
  ["list", "LLEN", "items"],
  ["set", "SCARD", "members"],
  ["hash", "HLEN", "fields"],
  ["zset", "ZCARD", "members"],
  ["stream", "XLEN", "entries"],
];

const PAUSE_EVERY = 100;
const PROGRESS_EVERY = 1_000_000;
const INTRODUCTION = "\n# Scanning the entire keyspace to find biggest keys as well as\n" +
  "# average sizes per key type.  You can use -i 0.1 to sleep 0.1 sec\n" +
  "# per 100 SCAN commands (not usually needed).\n\n";

/** --bigkeys. */
export function findBigKeys(client: Client): Promise<number> {
  return new KeyFinder(client, false).run();
}

/** --memkeys. */
export function findMemoryKeys(client: Client): Promise<number> {
  return new KeyFinder(client, true).run();
}

class KeyFinder {
  readonly #client: Client;
  readonly #byMemory: boolean;
  readonly #types = new Map<string, TypeTotals>();
  #keysBefore = 0;
  #sampled = 0;
  #keyBytes = 0;

  constructor(client: Client, byMemory: boolean) {
    this.#client = client;
    this.#byMemory = byMemory;
    for (const [name, command, unit] of TYPES) this.#addType(name, command, unit);
  }

  async run(): Promise<number> {
    this.#keysBefore = await databaseSize(this.#client);
    this.#client.io.print(INTRODUCTION);
    await allowReplica(this.#client);
    let batches = 0;
    for await (const keys of scanKeys(this.#client)) {
      const share = percent(this.#sampled, this.#keysBefore);
      const types = await this.#readTypes(keys);
      const sizes = await this.#readSizes(keys, types);
      keys.forEach((key, index) => this.#count(key, types[index], sizes[index], share));
      if (++batches % PAUSE_EVERY === 0) await sleep(this.#client.options.intervalMs);
    }
    this.#printSummary();
    return 0;
  }

  #addType(name: string, sizeCommand: string | null, unit: string): TypeTotals {
    const totals: TypeTotals = {
      name,
      sizeCommand,
      unit: this.#byMemory ? "bytes" : unit,
      biggest: 0n,
      biggestKey: null,
      count: 0,
      total: 0n,
    };
    this.#types.set(name, totals);
    return totals;
  }

  /** The type of each key; null for keys that are gone. */
  async #readTypes(keys: readonly Uint8Array[]): Promise<(TypeTotals | null)[]> {
    const client = this.#client;
    for (const key of keys) sendWords(client, ["TYPE", key]);
    const types: (TypeTotals | null)[] = [];
    for (const key of keys) {
      const reply = await client.nextReply();
      if (reply === null) failMode(client, `Error getting type for key '${textOf(key)}'\n`);
      if (reply.kind === "error") {
        failMode(client, `TYPE returned an error: ${textOf(reply.bytes)}\n`);
      }
      if (reply.kind !== "status") {
        failMode(client, `Invalid reply type for TYPE on key '${textOf(key)}'!\n`);
      }
      const name = latin1(reply.bytes);
      const known = this.#types.get(name);
      types.push(known ?? (name === "none" ? null : this.#addType(name, null, "?")));
    }
    return types;
  }

  async #readSizes(
    keys: readonly Uint8Array[],
    types: readonly (TypeTotals | null)[],
  ): Promise<bigint[]> {
    const client = this.#client;
    const asked = types.map((type) =>
      type !== null && (this.#byMemory || type.sizeCommand !== null)
    );
    keys.forEach((key, index) => {
      if (asked[index]) sendWords(client, this.#sizeWords(types[index]?.sizeCommand ?? "", key));
    });
    const sizes: bigint[] = [];
    for (let index = 0; index < keys.length; index++) {
      sizes.push(asked[index] ? await this.#readSize(keys[index], types[index]) : 0n);
    }
    return sizes;
  }

  #sizeWords(command: string, key: Uint8Array): (string | Uint8Array)[] {
    if (!this.#byMemory) return [command, key];
    const samples = this.#client.options.memkeysSamples;
    return ["MEMORY", "USAGE", key, ...(samples === 0 ? [] : ["SAMPLES", String(samples)])];
  }

  async #readSize(key: Uint8Array, type: TypeTotals | null): Promise<bigint> {
    const reply = await this.#client.nextReply();
    const name = textOf(key);
    if (reply === null) failMode(this.#client, `Error getting size for key '${name}'\n`);
    if (reply.kind === "integer") return BigInt(latin1(reply.bytes));
    const command = this.#byMemory ? "MEMORY USAGE" : type?.sizeCommand;
    this.#client.io.err(`Warning:  ${command} on '${name}' failed (may have changed type)\n`);
    return 0n;
  }

  #count(key: Uint8Array, type: TypeTotals | null, size: bigint, share: string): void {
    if (type === null) return;
    type.total += size;
    type.count++;
    this.#keyBytes += key.length;
    this.#sampled++;
    const { io } = this.#client;
    if (size > type.biggest) {
      type.biggest = size;
      type.biggestKey = quoted(key);
      io.print(
        `[${share}%] Biggest ${type.name.padEnd(6)} found so far '${type.biggestKey}' with ` +
          `${size} ${type.unit}\n`,
      );
    }
    if (this.#sampled % PROGRESS_EVERY === 0) {
      io.print(`[${share}%] Sampled ${this.#sampled} keys so far\n`);
    }
  }

  #printSummary(): void {
    const average = this.#keyBytes === 0 ? 0 : this.#keyBytes / this.#sampled;
    let text = "\n-------- Summary --------\n\n" +
      `Sampled ${this.#sampled} keys in the keyspace!\n` +
      `Total key length in bytes is ${this.#keyBytes} (avg len ${average.toFixed(2)})\n\n`;
    for (const type of this.#types.values()) {
      if (type.biggestKey === null) continue;
      text += `Biggest ${type.name.padStart(6)} found '${type.biggestKey}' has ` +
        `${type.biggest} ${type.unit}\n`;
    }
    text += "\n";
    for (const type of this.#types.values()) {
      const size = type.count === 0 ? 0 : Number(type.total) / type.count;
      text += `${type.count} ${type.name}s with ${type.total} ${type.unit} (` +
        `${percent(type.count, this.#sampled)}% of keys, avg size ${size.toFixed(2)})\n`;
    }
    this.#client.io.print(text);
  }
}

/** Sends a command without waiting for its reply. */
export function sendWords(client: Client, words: readonly (string | Uint8Array)[]): void {
  const encoder = new TextEncoder();
  client.connection?.send(
    words.map((word) => typeof word === "string" ? encoder.encode(word) : word),
  );
}

/** A key in quotes, as text. */
export function quoted(key: Uint8Array): string {
  const out = new ByteWriter();
  appendQuoted(out, key);
  return latin1(out.take());
}

/** A share with two decimals, at least five characters: "07.50". */
export function percent(part: number, whole: number): string {
  return (whole === 0 ? 0 : 100 * part / whole).toFixed(2).padStart(5, "0");
}

/** The number of keys of the database. */
export async function databaseSize(client: Client): Promise<number> {
  const reply = await client.ask("DBSIZE");
  if (reply === null) failMode(client, "\nI/O error\n");
  if (reply.kind === "error") {
    failMode(client, `Couldn't determine DBSIZE: ${textOf(reply.bytes)}\n`);
  }
  if (reply.kind !== "integer") failMode(client, "Non INTEGER response from DBSIZE!\n");
  return Number(latin1(reply.bytes));
}

/** Lets a replica of a cluster answer; any other server refuses, which is fine. */
export async function allowReplica(client: Client): Promise<void> {
  const reply = await client.ask("READONLY");
  if (reply === null) failMode(client, "\nI/O error\n");
  if (reply.kind !== "error") return;
  const text = textOf(reply.bytes);
  if (text !== "ERR This instance has cluster support disabled") {
    failMode(client, `Error: ${text}\n`);
  }
}
