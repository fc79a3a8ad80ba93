// mode_sync.ts: the client as a replica: it asks for a snapshot of the data set and keeps it in a file, or drops it and
// prints the commands that follow.
//
//   REPLCONF capa eof, ...    what a replica of this kind understands
//   SYNC
//   \n \n ...                 while the server prepares
//   $123\r\n<123 bytes>       a snapshot of known length, or
//   $EOF:<mark>\r\n ...<mark> one whose end is a mark of 40 bytes
//   *1 ...                    commands, for ever
//
// PSYNC is answered with a line +FULLRESYNC before the snapshot, or with +CONTINUE and no snapshot.

import { closeSync, fsyncSync, openSync, writeSync } from "node:fs";
import { ByteWriter, latin1, textOf, utf8 } from "./byte_writer.ts";
import type { Client } from "./client.ts";
import type { Connection } from "./connection.ts";
import { sleep, systemText } from "./io.ts";
import { failMode } from "./mode_scan.ts";

const MARK_BYTES = 40;
const LF = 10;
const LINE_BYTES_MAX = 4096;
/** After a transfer that ended with a mark the server gets this long before it is told so. */
const ONLINE_AFTER_MS = 1000;

/** --rdb: keeps a snapshot of everything. */
export async function saveSnapshot(client: Client): Promise<number> {
  await announce(client, "capa", "eof");
  await announce(client, "rdb-only", "1");
  return await save(client);
}

/** --functions-rdb: keeps a snapshot of the function libraries only. */
export async function saveFunctions(client: Client): Promise<number> {
  await announce(client, "capa", "eof");
  await announce(client, "rdb-only", "1");
  if (!await announce(client, "rdb-filter-only", "functions")) {
    failMode(client, "Failed requesting functions only RDB from server, aborting\n");
  }
  return await save(client);
}

/** --replica: prints every command the server passes on, as CSV. */
export async function showStream(client: Client): Promise<number> {
  await announce(client, "capa", "eof");
  await announce(client, "rdb-filter-only", "");
  await follow(client, await startSync(client, [utf8("SYNC")]));
  return 0;
}

/** SYNC or PSYNC typed as a command: prints the stream until the connection ends or the user stops it. */
export async function showStreamOf(client: Client, words: readonly Uint8Array[]): Promise<void> {
  client.io.print("Entering replica output mode...  (press Ctrl-C to quit)\n");
  await follow(client, await startSync(client, words));
}

async function follow(client: Client, snapshot: IncomingSnapshot): Promise<void> {
  const { connection, mark, length } = snapshot;
  const kind = snapshot.isPartial ? "Partial" : "Full";
  if (snapshot.isPartial) client.io.err("Partial resync with primary...\n");
  else {
    const much = mark === null ? `${length} bytes` : "bytes";
    const until = mark === null ? "..." : " until EOF marker...";
    client.io.err(`Full resync with primary, discarding ${much} of bulk transfer${until}\n`);
  }
  const bytes = await snapshot.read(() => {});
  if (bytes < 0) failMode(client, "Error reading RDB payload while Full resyncing\n");
  const after = mark === null ? "" : ` after ${bytes + MARK_BYTES} bytes`;
  client.io.err(`${kind} resync done${after}. Logging commands from primary.\n`);
  if (mark !== null) await sleep(ONLINE_AFTER_MS);
  connection.endRaw(snapshot.rest);
  if (mark !== null) {
    client.io.err("sending REPLCONF ACK 0\n");
    connection.send(["REPLCONF", "ACK", "0"].map(utf8));
  }
  const { output } = client.options;
  client.options.output = "csv";
  try {
    while (client.connection === connection && await client.readAndShow(false));
  } finally {
    client.options.output = output;
  }
}

/** Tells the server about this replica; true when it agrees. Old servers may refuse. */
async function announce(client: Client, what: string, value: string): Promise<boolean> {
  client.io.err(`sending REPLCONF ${what} ${value}\n`);
  const reply = await client.ask("REPLCONF", what, value);
  if (reply === null) return failMode(client, "\nI/O error\n");
  if (reply.kind !== "error") return true;
  client.io.err(`REPLCONF ${what} error: ${textOf(reply.bytes)}\n`);
  return false;
}

async function save(client: Client): Promise<number> {
  const file = client.options.rdbFile;
  const snapshot = await startSync(client, [utf8("SYNC")]);
  client.io.err(
    snapshot.mark === null
      ? `SYNC sent to primary, writing ${snapshot.length} bytes to '${file}'\n`
      : `SYNC sent to primary, writing bytes of bulk transfer until EOF marker to '${file}'\n`,
  );
  const target = file === "-" ? null : openTarget(client, file);
  const bytes = await snapshot.read((part) => {
    if (target === null) client.io.out(part);
    else writeTarget(client, target, part);
  });
  if (bytes < 0) failMode(client, "I/O Error reading RDB payload from socket\n");
  const after = snapshot.mark === null ? "." : ` after ${bytes} bytes`;
  client.io.err(`Transfer finished with success${after}\n`);
  snapshot.connection.close();
  if (target !== null) {
    try {
      fsyncSync(target);
    } catch (error) {
      failMode(client, `Fail to fsync '${file}': ${systemText(error)}\n`);
    }
    closeSync(target);
  }
  return 0;
}

function openTarget(client: Client, file: string): number {
  try {
    return openSync(file, "w", 0o644);
  } catch (error) {
    return failMode(client, `Error opening '${file}': ${systemText(error)}\n`);
  }
}

function writeTarget(client: Client, target: number, part: Uint8Array): void {
  try {
    for (let at = 0; at < part.length;) at += writeSync(target, part, at, part.length - at);
  } catch (error) {
    failMode(client, `Error writing data to file: ${systemText(error)}\n`);
  }
}

async function startSync(
  client: Client,
  words: readonly Uint8Array[],
): Promise<IncomingSnapshot> {
  const { connection } = client;
  if (connection === null) return failMode(client, "Error writing to primary\n");
  connection.startRaw();
  connection.send(words);
  const snapshot = new IncomingSnapshot(connection);
  const problem = await snapshot.head((text) => client.io.err(`PSYNC replied ${text}\n`));
  return problem === "" ? snapshot : failMode(client, problem);
}

/** A snapshot on its way. */
class IncomingSnapshot {
  readonly connection: Connection;
  /** Bytes to come; 0 when a mark ends them. */
  length = 0;
  mark: Uint8Array | null = null;
  /** There is no snapshot: the commands go on where they ended. */
  isPartial = false;
  /** What has arrived and is not used yet. */
  rest: Uint8Array = new Uint8Array(0);

  constructor(connection: Connection) {
    this.connection = connection;
  }

  /** Reads the line that says how much comes; `note` hears the answer to PSYNC. Returns "" or what went wrong. */
  async head(note: (text: string) => void): Promise<string> {
    let line = await this.line();
    if (line === null) return "Error reading bulk length while SYNCing\n";
    let text = latin1(line);
    if (/^\+(?:FULLRESYNC|CONTINUE)/.test(text)) {
      note(text);
      this.isPartial = text.startsWith("+CONTINUE");
      if (this.isPartial) return "";
      line = await this.line();
      if (line === null) return "Error reading bulk length while PSYNCing\n";
      text = latin1(line);
    }
    if (text.startsWith("-")) return `SYNC with primary failed: ${textOf(line)}\n`;
    if (text.startsWith("$EOF:") && text.length >= 5 + MARK_BYTES) {
      this.mark = line.slice(5, 5 + MARK_BYTES);
      return "";
    }
    if (!/^\$\d{1,15}$/.test(text)) return `SYNC with primary failed: ${textOf(line)}\n`;
    this.length = Number(text.slice(1));
    return "";
  }

  /** The next line that is not empty, without its end; null when there is none. */
  private async line(): Promise<Uint8Array | null> {
    const line = new ByteWriter();
    let len = 0;
    while (true) {
      const newline = this.rest.indexOf(LF);
      const end = newline < 0 ? this.rest.length : newline;
      line.bytes(this.rest.subarray(0, end));
      len += end;
      this.rest = this.rest.subarray(newline < 0 ? end : newline + 1);
      if (newline >= 0 && len > 0) break;
      if (newline < 0 && (len > LINE_BYTES_MAX || !await this.more())) return null;
    }
    const bytes = line.take();
    return bytes[bytes.length - 1] === 13 ? bytes.subarray(0, -1) : bytes;
  }

  private async more(): Promise<boolean> {
    const bytes = await this.connection.readRaw();
    if (bytes !== null) this.rest = bytes;
    return bytes !== null;
  }

  /** Hands out the snapshot in parts, without a mark. Returns its length, or -1 when it is cut off. */
  async read(part: (bytes: Uint8Array) => void): Promise<number> {
    return this.mark === null ? await this.readLength(part) : await this.readMark(part, this.mark);
  }

  private async readLength(part: (bytes: Uint8Array) => void): Promise<number> {
    for (let left = this.length; left > 0;) {
      if (this.rest.length === 0 && !await this.more()) return -1;
      const bytes = this.rest.subarray(0, left);
      part(bytes);
      left -= bytes.length;
      this.rest = this.rest.subarray(bytes.length);
    }
    return this.length;
  }

  /** The last bytes that may be the mark are held back. A server sends nothing behind the mark until it is told to. */
  private async readMark(part: (bytes: Uint8Array) => void, mark: Uint8Array): Promise<number> {
    let held = new Uint8Array(0);
    let done = 0;
    while (true) {
      const bytes = new Uint8Array(held.length + this.rest.length);
      bytes.set(held);
      bytes.set(this.rest, held.length);
      this.rest = new Uint8Array(0);
      const sure = Math.max(0, bytes.length - MARK_BYTES);
      part(bytes.subarray(0, sure));
      done += sure;
      held = bytes.slice(sure);
      if (held.length === MARK_BYTES && held.every((byte, i) => byte === mark[i])) return done;
      if (!await this.more()) return -1;
    }
  }
}
