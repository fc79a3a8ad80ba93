// aof_replay.ts: the commands of one file of an append-only file, run again by a session without a socket.
//
// Commands that fail do so as they did before and are no error; unknown ones are, for the rest would not be what it was.
//
// ONLY THE END OF THE LAST FILE may be missing (aof-load-truncated): it is cut off behind the last whole command, or before
// a transaction that was not finished. Empty files behind it do not count.

import { latin1 } from "../lib/bytes/ascii.ts";
import { AofVerifier } from "../lib/persist/aof_checksum.ts";
import type { AofFileReader } from "../lib/persist/aof_file_reader.ts";
import {
  AOF_BAD,
  AOF_COMMAND,
  AOF_END,
  AOF_MORE,
  AOF_TRUNCATED,
} from "../lib/persist/aof_reader.ts";
import type { Socket } from "../lib/platform/mod.ts";
import type { Engine } from "../lib/session/engine.ts";
import { Session } from "../lib/session/session.ts";

const FEED_BYTES = 65536;
const LOG_WARNING = 3;

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

/** The file whose commands are run. */
export interface ReplayedFile {
  path: string;
  size: number;
  /** Whether it is the one that is written to. */
  isLast: boolean;
  /** Cuts it to its first `size` bytes. */
  truncate(size: number): void;
}

/** One pass over the commands of a file. */
export class AofReplay {
  /** Commands run. */
  count = 0;
  /** "" or why the server must not start. */
  problem = "";
  private engine: Engine;
  private reader: AofFileReader;
  private file: ReplayedFile;
  private session: Session;
  private multiId: number;
  private discardId: number;
  /** What the session has got, and what it may get: buf[fedTo, end) is to be fed. */
  private fedTo: number;
  private end: number;
  /** Offset in the file of the transaction under way, -1 outside of one. */
  private multi = -1;
  /** Compares checksums, where there are any; null when they do not matter. */
  private verifier: AofVerifier | null;

  constructor(engine: Engine, reader: AofFileReader, file: ReplayedFile) {
    this.engine = engine;
    this.reader = reader;
    this.file = file;
    this.fedTo = reader.pos;
    this.end = reader.pos;
    const isIgnored = engine.config.text("sigrun-aof-checksum") === "ignore";
    this.verifier = isIgnored ? null : new AofVerifier();
    this.multiId = engine.table.idOf("multi");
    this.discardId = engine.table.idOf("discard");
    this.session = new Session(engine, 0, NOWHERE);
    this.session.login("default");
    this.session.importSource = true;
    this.session.mustAnswer = true;
  }

  /** Bytes of the file that are through. */
  get offset(): number {
    return this.reader.offset(this.end);
  }

  /** Runs about `bytes` more of the file, or `count` commands; false when nothing is left, or it is no good. */
  step(bytes: number, count: number): boolean {
    const { reader } = this;
    const endOffset = this.offset + bytes;
    const endCount = this.count + count;
    while (this.offset < endOffset && this.count < endCount) {
      const status = reader.next();
      if (status === AOF_COMMAND) {
        if (!this.command()) return false;
      } else if (status === AOF_MORE) {
        if (!this.feed()) return false;
        reader.more();
        this.fedTo = reader.pos;
        this.end = reader.pos;
      } else {
        if (this.feed() && this.isVerified(reader.start)) this.finish(status);
        return false;
      }
    }
    return this.feed();
  }

  private command(): boolean {
    const { engine, reader } = this;
    const id = this.commandId();
    if (id < 0 || !this.isVerified(reader.pos)) return false;
    if (id === engine.execId || id === this.discardId) this.multi = -1;
    else if (id === this.multiId && this.multi < 0) this.multi = reader.offset(reader.start);
    // Annotations are not for the session.
    if (reader.start !== this.end) {
      if (!this.feed()) return false;
      this.fedTo = reader.start;
    }
    this.end = reader.pos;
    this.count++;
    return this.end - this.fedTo < FEED_BYTES || this.feed();
  }

  /** Whether what was read, up to `end`, is what was written; false says why not. */
  private isVerified(end: number): boolean {
    const { reader, verifier, file } = this;
    const at = verifier?.take(reader.buf, reader.from, reader.start, end) ?? -1;
    if (at < 0) return true;
    const offset = reader.offset(at);
    const start = offset - (verifier as AofVerifier).badBytes;
    return this.fail(
      `The append only file ${file.path} is not what was written: bytes ${start} to ${offset} do not match their ` +
        "checksum. Repair it with check-aof --fix, which cuts it off there, or load it as it is with " +
        "sigrun-aof-checksum ignore.",
    );
  }

  private feed(): boolean {
    const { session, end } = this;
    if (end > this.fedTo) session.feedNow(this.reader.buf, this.fedTo, end - this.fedTo);
    this.fedTo = end;
    if (!session.closing && session.hold === 0 && session.blocked === null) return true;
    return this.fail(
      `Error reading the append only file ${this.file.path}: a command before offset ${this.offset} ` +
        "ended or held its connection",
    );
  }

  private fail(problem: string): false {
    this.problem = problem;
    return false;
  }

  private warn(text: string): void {
    this.engine.server.log.write(LOG_WARNING, text);
  }

  /** The id of the command; -1 when there is none like it, and `problem` says why. */
  private commandId(): number {
    const { reader, file } = this;
    const problem = this.commandProblem();
    if (typeof problem === "number") return problem;
    const offset = reader.offset(reader.start);
    this.fail(
      `Error reading the append only file ${file.path}, error: ${problem} (offset ${offset})`,
    );
    return -1;
  }

  /** The id of the command, or what is wrong with it. */
  private commandProblem(): number | string {
    const { table } = this.engine;
    const { buf, wordOff, wordLen, argc } = this.reader;
    const name = latin1(buf, wordOff[0], Math.min(wordLen[0], 128));
    let id = table.commandId(buf, wordOff[0], wordLen[0]);
    if (id < 0) return `unknown command '${name}'`;
    const subcommands = table.subcommands[id];
    if (subcommands !== null && (argc > 1 || table.run[id] === undefined)) {
      if (argc < 2) return `wrong number of arguments for '${name.toLowerCase()}' command`;
      const second = latin1(buf, wordOff[1], Math.min(wordLen[1], 128));
      id = subcommands.get(second.toLowerCase()) ?? -1;
      if (id < 0) return `unknown subcommand '${second}'`;
    }
    const arity = table.arity[id];
    const fits = arity >= 0 ? argc === arity : argc >= -arity;
    return fits ? id : `wrong number of arguments for '${name.toLowerCase()}' command`;
  }

  // ---- the end

  private finish(status: number): void {
    const { reader, file, multi } = this;
    const start = reader.offset(reader.start);
    if (status === AOF_END && multi < 0) {
      // An annotation that is not complete goes: nothing may be written behind it.
      if (file.isLast && start < file.size) file.truncate(start);
    } else if (status !== AOF_BAD && this.verifier?.isWhole(reader.buf, reader.bufEnd)) {
      this.fail(
        `The append only file ${file.path} is damaged behind offset ${this.offset}: a command ends beyond the file, ` +
          "which is not cut off. Repair it with check-aof --fix, which cuts it off there.",
      );
    } else if (status === AOF_END || status === AOF_TRUNCATED) {
      if (multi >= 0) {
        this.warn(`Revert incomplete MULTI/EXEC transaction in AOF file ${file.path}`);
        this.session.multiDiscard();
      }
      this.cut(multi >= 0 ? multi : this.offset);
    } else {
      this.fail(
        `Bad file format reading the append only file ${file.path} at offset ${start}: ` +
          `make a backup of your AOF file, then use ./valkey-check-aof --fix <filename.manifest>`,
      );
    }
  }

  /** The file ends too early: cuts it off behind what is whole, where that is allowed. */
  private cut(size: number): void {
    const { path, isLast } = this.file;
    if (!this.engine.config.flag("aof-load-truncated")) {
      this.fail(
        `Unexpected end of file reading the append only file ${path} at offset ${size}. You can: 1) Make a ` +
          "backup of your AOF file, then use ./valkey-check-aof --fix <filename.manifest>. 2) Alternatively you " +
          "can set the 'aof-load-truncated' configuration option to yes and restart the server.",
      );
      return;
    }
    if (!isLast) {
      this.fail(`Fatal error: the truncated file is not the last file (${path})`);
      return;
    }
    this.warn(`!!! Warning: short read while loading the AOF file ${path}!!!`);
    this.warn(`!!! Truncating the AOF ${path} at offset ${size} !!!`);
    try {
      if (size < this.file.size) this.file.truncate(size);
    } catch (error) {
      this.fail(`Error truncating the AOF file ${path}: ${(error as Error).message}`);
      return;
    }
    this.warn(`AOF ${path} loaded anyway because aof-load-truncated is enabled`);
  }
}
