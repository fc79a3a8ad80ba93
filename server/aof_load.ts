// aof_load.ts: the files of an append-only file read back into an engine, through the engine's own execution.
//
//   base       snapshot, or commands (older servers), or a snapshot with commands behind it
//   incr ...   commands, fed to a session without a socket
//
// WHILE LOADING nothing expires and nothing is evicted: what a file does with a key that is past its time is what was done
// before that time; keys that are due go afterwards, as always. Memory limits, pauses and passwords do not hold.
// Commands that fail do so as they did before and are no error; unknown ones are, for the rest would not be what it was.
//
// ONLY THE END OF THE LAST FILE may be missing (aof-load-truncated): it is cut off behind the last whole command, or before
// a transaction that was not finished.

import { latin1 } from "../lib/bytes/ascii.ts";
import { BULK_BYTES_MAX } from "../lib/limits.ts";
import { AOF_COMMAND, AOF_END, AOF_TRUNCATED, AofReader } from "../lib/persist/aof_reader.ts";
import { type SnapshotRead, snapshotRead } from "../lib/persist/rdb_file_reader.ts";
import type { Files, Socket } from "../lib/platform/mod.ts";
import type { Engine } from "../lib/session/engine.ts";
import { Session } from "../lib/session/session.ts";

const FEED_BYTES = 65536;
const LOG_WARNING = 3;
const MAGIC_BYTES = 5;

const NOWHERE: Socket = {
  write: (_buf, _off, len) => len,
  pauseInput: () => {},
  end: () => {},
  destroy: () => {},
  remote: "aof:0",
  local: "aof:0",
  isUnix: true,
  fd: -1,
};

/** Loads the listed files, in order. */
export class AofLoader {
  keys = 0;
  expired = 0;
  private engine: Engine;
  private files: Files;
  private functionsLoaded: (sources: readonly Uint8Array[]) => void;

  /** `functionsLoaded` is given the function libraries of each snapshot among the files. */
  constructor(
    engine: Engine,
    files: Files,
    functionsLoaded: (sources: readonly Uint8Array[]) => void,
  ) {
    this.engine = engine;
    this.files = files;
    this.functionsLoaded = functionsLoaded;
  }

  /** Runs something under the rules for loading. */
  private loading(act: () => string): string {
    const { engine } = this;
    const { config } = engine;
    const { gates, bulkBytesMax } = engine;
    const importMode = config.text("import-mode");
    engine.gates = 0;
    engine.bulkBytesMax = BULK_BYTES_MAX;
    config.load("import-mode", ["yes"], false);
    try {
      return act();
    } finally {
      config.load("import-mode", [importMode], false);
      engine.bulkBytesMax = bulkBytesMax;
      engine.gates = gates;
    }
  }

  /** Loads the files at these paths. Returns "" or why the server must not start. */
  load(paths: readonly string[]): string {
    return this.loading(() => {
      for (const path of paths) {
        if (this.files.size(path) < 0) {
          return `The append log file ${path} doesn't exist: No such file or directory`;
        }
      }
      for (const [i, path] of paths.entries()) {
        const problem = this.loadFile(path, i === paths.length - 1);
        if (problem !== "") return problem;
      }
      return "";
    });
  }

  private loadFile(path: string, isLast: boolean): string {
    const bytes = this.files.read(path) as Uint8Array;
    let start = 0;
    const magic = latin1(bytes, 0, Math.min(bytes.length, MAGIC_BYTES));
    if (magic === "REDIS" || magic === "VALKE") {
      const read = this.loadSnapshot(bytes);
      if (read.error !== "") {
        return `Error reading the RDB base file ${path}, AOF loading aborted ` +
          `(offset ${read.offset}: ${read.error})`;
      }
      start = read.offset;
    }
    return this.replay(path, bytes, start, isLast);
  }

  private loadSnapshot(bytes: Uint8Array): SnapshotRead {
    const { keyspace, config } = this.engine;
    const read = snapshotRead(keyspace, bytes, 0, bytes.length, {
      nowMs: 0,
      relaxed: config.text("rdb-version-check") === "relaxed",
      checksum: config.flag("rdbchecksum"),
      merge: false,
    });
    if (read.error === "") this.functionsLoaded(read.functions);
    this.keys += read.keys;
    this.expired += read.expired;
    return read;
  }

  private replay(path: string, bytes: Uint8Array, start: number, isLast: boolean): string {
    const { engine } = this;
    const session = new Session(engine, 0, NOWHERE);
    session.login("default");
    session.importSource = true;
    session.mustAnswer = true;
    const reader = new AofReader(bytes, start, bytes.length);
    let fedTo = start;
    let end = start;
    /** Where the transaction under way begins, -1 outside of one. */
    let multi = -1;
    const feed = () => {
      if (end > fedTo) session.feed(bytes, fedTo, end - fedTo);
      fedTo = end;
      return !session.closing && session.hold === 0 && session.blocked === null;
    };
    let status = reader.next();
    for (; status === AOF_COMMAND; status = reader.next()) {
      const id = this.commandAt(bytes, reader);
      if (typeof id === "string") {
        return `Error reading the append only file ${path}, error: ${id} (offset ${reader.start})`;
      }
      if (id === engine.execId || id === this.discardId) multi = -1;
      else if (id === this.multiId && multi < 0) multi = reader.start;
      // Annotations are not for the session.
      if (reader.start !== end) {
        if (!feed()) return this.stuck(path, end);
        fedTo = reader.start;
      }
      end = reader.pos;
      if (end - fedTo >= FEED_BYTES && !feed()) return this.stuck(path, end);
    }
    if (!feed()) return this.stuck(path, end);
    if (status === AOF_END && multi < 0) {
      if (isLast && reader.start < bytes.length) this.files.truncate(path, reader.start);
      return "";
    }
    if (status === AOF_END || status === AOF_TRUNCATED) {
      if (multi >= 0) {
        this.warn(`Revert incomplete MULTI/EXEC transaction in AOF file ${path}`);
        session.multiDiscard();
      }
      return this.cut(path, multi >= 0 ? multi : end, bytes.length, isLast);
    }
    return `Bad file format reading the append only file ${path} at offset ${reader.start}: ` +
      `make a backup of your AOF file, then use ./valkey-check-aof --fix <filename.manifest>`;
  }

  private get multiId(): number {
    return this.engine.table.idOf("multi");
  }

  private get discardId(): number {
    return this.engine.table.idOf("discard");
  }

  private stuck(path: string, offset: number): string {
    return `Error reading the append only file ${path}: a command before offset ${offset} ended or held its connection`;
  }

  private warn(text: string): void {
    this.engine.server.log.write(LOG_WARNING, text);
  }

  /** The id of the command, or what is wrong with it. */
  private commandAt(bytes: Uint8Array, reader: AofReader): number | string {
    const { table } = this.engine;
    const { wordOff, wordLen, argc } = reader;
    const name = latin1(bytes, wordOff[0], Math.min(wordLen[0], 128));
    let id = table.commandId(bytes, wordOff[0], wordLen[0]);
    if (id < 0) return `unknown command '${name}'`;
    const subcommands = table.subcommands[id];
    if (subcommands !== null && (argc > 1 || table.run[id] === undefined)) {
      if (argc < 2) return `wrong number of arguments for '${name.toLowerCase()}' command`;
      const second = latin1(bytes, wordOff[1], Math.min(wordLen[1], 128));
      id = subcommands.get(second.toLowerCase()) ?? -1;
      if (id < 0) return `unknown subcommand '${second}'`;
    }
    const arity = table.arity[id];
    const fits = arity >= 0 ? argc === arity : argc >= -arity;
    return fits ? id : `wrong number of arguments for '${name.toLowerCase()}' command`;
  }

  /** The file ends too early: cuts it off behind what is whole, where that is allowed. */
  private cut(path: string, size: number, before: number, isLast: boolean): string {
    if (!this.engine.config.flag("aof-load-truncated")) {
      return `Unexpected end of file reading the append only file ${path} at offset ${size}. You can: 1) Make a ` +
        "backup of your AOF file, then use ./valkey-check-aof --fix <filename.manifest>. 2) Alternatively you " +
        "can set the 'aof-load-truncated' configuration option to yes and restart the server.";
    }
    if (!isLast) return `Fatal error: the truncated file is not the last file (${path})`;
    this.warn(`!!! Warning: short read while loading the AOF file ${path}!!!`);
    this.warn(`!!! Truncating the AOF ${path} at offset ${size} !!!`);
    try {
      if (size < before) this.files.truncate(path, size);
    } catch (error) {
      return `Error truncating the AOF file ${path}: ${(error as Error).message}`;
    }
    this.warn(`AOF ${path} loaded anyway because aof-load-truncated is enabled`);
    return "";
  }
}
