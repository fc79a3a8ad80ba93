// rdb_load.ts: snapshots read into an engine, as a whole file or as the beginning of one.

import { latin1 } from "../lib/bytes/ascii.ts";
import type { Database } from "../lib/engine/keyspace.ts";
import { FileWindow } from "../lib/persist/file_window.ts";
import { RdbFileInput } from "../lib/persist/rdb_file_input.ts";
import type { RdbInput } from "../lib/persist/rdb_input.ts";
import { RdbStreamInput } from "../lib/persist/rdb_stream_input.ts";
import { type SnapshotRead, SnapshotReader } from "../lib/persist/rdb_file_reader.ts";
import type { InputFile } from "../lib/platform/mod.ts";
import type { Engine } from "../lib/session/engine.ts";
import type { LoadSource } from "./loading.ts";
import { shown } from "./log.ts";

const LOG_WARNING = 3;
const LOG_NOTICE = 2;
const MEGABYTE = 1024 * 1024;

function name(key: Uint8Array): string {
  return shown(latin1(key, 0, key.length));
}

/** How a snapshot is read; see SnapshotReadOptions. */
export interface SnapshotLoadOptions {
  nowMs: number;
  merge: boolean;
  dbs?: readonly Database[];
  aux?: (name: string, value: string) => boolean;
  expired?: (db: Database, key: Uint8Array) => void;
}

/** A snapshot at the start of a file. */
export class SnapshotLoad {
  /** Memory of the server that wrote it, 0 when that is not known. */
  usedMemory = 0;
  private engine: Engine;
  private input: RdbInput;
  private reader: SnapshotReader;
  private auxSeen = 0;
  private emptySeen = 0;

  constructor(engine: Engine, source: FileWindow | RdbStreamInput, options: SnapshotLoadOptions) {
    const { config, keyspace } = engine;
    const checksum = config.flag("rdbchecksum");
    this.engine = engine;
    this.input = source instanceof FileWindow ? new RdbFileInput(source, checksum) : source;
    this.reader = new SnapshotReader(keyspace, this.input, {
      ...options,
      relaxed: config.text("rdb-version-check") === "relaxed",
      checksum,
    });
  }

  get result(): SnapshotRead {
    return this.reader.result;
  }

  /** Where in the window the reading is. */
  get pos(): number {
    return this.input.pos;
  }

  /** Reads about `bytes` more, or `keys` keys; false when nothing is left. */
  step(bytes: number, keys: number): boolean {
    const { result } = this;
    const hasMore = this.reader.step(result.offset + bytes, result.keys + keys);
    for (; this.auxSeen < result.aux.length; this.auxSeen++) this.tell(result.aux[this.auxSeen]);
    const { log } = this.engine.server;
    for (; this.emptySeen < result.emptyKeys.length; this.emptySeen++) {
      log.write(
        LOG_NOTICE,
        `Loading RDB, skipping empty key: ${name(result.emptyKeys[this.emptySeen])}`,
      );
    }
    if (result.error !== "" && result.corruptKey !== null) {
      log.write(LOG_WARNING, `Corrupt value of key '${name(result.corruptKey)}': ${result.error}`);
    }
    return hasMore;
  }

  private tell([name, value]: [string, string]): void {
    const { server } = this.engine;
    const say = (text: string) => server.log.write(LOG_NOTICE, text);
    if (name === "valkey-ver") say(`Loading RDB produced by Valkey version ${value}`);
    else if (name === "redis-ver") say(`Loading RDB produced by Redis version ${value}`);
    else if (name === "ctime") {
      const age = Math.floor(server.clock.wallMs() / 1000) - Number(value);
      say(`RDB age ${Math.max(0, age || 0)} seconds`);
    } else if (name === "used-mem") {
      this.usedMemory = Number(value) || 0;
      say(`RDB memory usage when created ${(this.usedMemory / MEGABYTE).toFixed(2)} Mb`);
    } else if (name === "aof-base" && value === "1") say("RDB is base AOF");
  }
}

/** What the loaders of whole snapshots share. */
abstract class SnapshotSource implements LoadSource {
  problem = "";
  abstract readonly totalBytes: number;
  private load: SnapshotLoad;
  /** What it is called when something is wrong with it. */
  private title: string;

  constructor(load: SnapshotLoad, title: string) {
    this.load = load;
    this.title = title;
  }

  get loadedBytes(): number {
    return this.result.offset;
  }

  get count(): number {
    return this.result.keys;
  }

  get usedMemory(): number {
    return this.load.usedMemory;
  }

  get result(): SnapshotRead {
    return this.load.result;
  }

  step(bytes: number, count: number): boolean {
    const hasMore = this.load.step(bytes, count);
    const { error, offset } = this.result;
    if (error !== "") this.problem = `Error reading ${this.title} at offset ${offset}: ${error}`;
    return hasMore;
  }

  abstract close(): void;
}

/** A file that holds a snapshot. */
export class RdbLoader extends SnapshotSource {
  readonly totalBytes: number;
  private file: InputFile;

  constructor(engine: Engine, name: string, file: InputFile, options: SnapshotLoadOptions) {
    super(new SnapshotLoad(engine, new FileWindow(file), options), `the snapshot ${name}`);
    this.totalBytes = file.size;
    this.file = file;
  }

  close(): void {
    this.file.close();
  }
}

/** A snapshot that is still arriving. */
export class StreamLoader extends SnapshotSource {
  /** Bytes it will have, 0 while that is unknown. */
  totalBytes = 0;
  /** Called when some of what has arrived was read. */
  onRead: () => void = () => {};
  private input: RdbStreamInput;

  constructor(engine: Engine, options: SnapshotLoadOptions) {
    const input = new RdbStreamInput(engine.config.flag("rdbchecksum"));
    super(new SnapshotLoad(engine, input, options), "the snapshot");
    this.input = input;
  }

  /** Takes the next piece. */
  feed(buf: Uint8Array, off: number, len: number): void {
    this.input.feed(buf, off, len);
  }

  /** It has arrived as a whole. */
  complete(): void {
    this.input.complete();
  }

  /** Bytes that have arrived and were not read. */
  get waitingBytes(): number {
    return this.input.waiting;
  }

  get isStarved(): boolean {
    return this.input.isStarved;
  }

  override step(bytes: number, count: number): boolean {
    const hasMore = super.step(bytes, count);
    this.onRead();
    return hasMore;
  }

  close(): void {}
}
