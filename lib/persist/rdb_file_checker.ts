// rdb_file_checker.ts: looks through a snapshot as the loader would and keeps nothing of it: what it holds, and where and
// in what the reading ended if it is damaged.
//
// It is the loader (rdb_file_reader.ts) with three differences: each value is thrown away as soon as it was read, so memory
// does not grow with the file; what a server refuses for reasons of its own is taken (versions of others, many databases,
// module data, slot imports, keys that come twice); and collections without elements, which the loader skips, are damage.
//
// Source followed: the rules of valkey-check-rdb 9.1.

import { latin1 } from "../bytes/ascii.ts";
import { int64ToNumber } from "../bytes/int64.ts";
import { type Keyspace, recordAbandon, recordCreate, recordDiscard } from "../engine/keyspace.ts";
import { ENCODING_LISTPACK, metaByte, TYPE_STRING } from "../engine/record.ts";
import { isForeign, SnapshotReader } from "./rdb_file_reader.ts";
import type { RdbInput } from "./rdb_input.ts";
import type { DataProfile } from "./rdb_profile.ts";
import {
  isValueType,
  OPCODE_AUX,
  OPCODE_EXPIRE_MS,
  OPCODE_EXPIRE_SECONDS,
  OPCODE_FUNCTION,
  OPCODE_FUNCTION_PREVIEW,
  OPCODE_MODULE_AUX,
  OPCODE_RESIZE,
  OPCODE_SELECT,
  OPCODE_SLOT_IMPORT,
  RDB_FOREIGN_TYPE_MIN,
  RDB_FOREIGN_VERSION_MAX,
  RDB_FOREIGN_VERSION_MIN,
  RDB_MODULE_2,
  RDB_STRING,
  RDB_VERSION,
  READ_EMPTY,
  READ_OK,
} from "./rdb_types.ts";
import { readValue, valueTypeOf } from "./rdb_value.ts";

/** What the reading was at, in the words of valkey-check-rdb. */
export type CheckStep =
  | "start"
  | "read-type"
  | "read-expire"
  | "read-key"
  | "read-object-value"
  | "check-sum"
  | "read-len"
  | "read-aux"
  | "read-module-aux"
  | "read-functions";

const STEPS: ReadonlyMap<number, CheckStep> = new Map<number, CheckStep>([
  [OPCODE_EXPIRE_SECONDS, "read-expire"],
  [OPCODE_EXPIRE_MS, "read-expire"],
  [OPCODE_SELECT, "read-len"],
  [OPCODE_RESIZE, "read-len"],
  [OPCODE_AUX, "read-aux"],
  [OPCODE_MODULE_AUX, "read-module-aux"],
  [OPCODE_FUNCTION, "read-functions"],
]);

/** Kinds and opcodes that foreign versions may use for what they like. */
const FOREIGN_TYPE_MAX = 243;

// Parts of a module's data.
const MODULE_EOF = 0;
const MODULE_SINT = 1;
const MODULE_UINT = 2;
const MODULE_FLOAT = 3;
const MODULE_DOUBLE = 4;
const MODULE_STRING = 5;
const MODULE_NAME_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const MODULE_NAME_LEN = 9;

/** What a snapshot holds. Texts are latin-1: a character for each byte. */
export interface SnapshotCheck {
  /** "" or what is wrong with the file. */
  error: string;
  /** Bytes read. */
  offset: number;
  version: number;
  /** Whether servers load it only when asked to be relaxed about versions. */
  needsRelaxed: boolean;
  /** What the reading was at when it ended. */
  step: CheckStep;
  /** The key whose value could not be read, and its kind; null and -1 when the damage is elsewhere. */
  key: string | null;
  kind: number;
  /** Keys begun, keys with a time, and those among them whose time is over. */
  keys: number;
  expires: number;
  alreadyExpired: number;
  functions: number;
  /** Scripts that old releases kept in AUX fields. */
  scripts: number;
  /** Highest database named. */
  database: number;
}

/**
 * Checks the snapshot that `input` begins with. `ks` lends memory and stays as it is; `note` hears what is found and at which
 * offset; `profile` collects figures about values, unless it is null.
 */
export function snapshotCheck(
  ks: Keyspace,
  input: RdbInput,
  nowMs: number,
  note: (offset: number, text: string) => void,
  profile: DataProfile | null,
): SnapshotCheck {
  const checker = new SnapshotChecker(ks, input, nowMs, note, profile);
  const { error, offset } = checker.read();
  return { ...checker.check, error, offset };
}

class SnapshotChecker extends SnapshotReader {
  readonly check: SnapshotCheck = {
    error: "",
    offset: 0,
    version: 0,
    needsRelaxed: false,
    step: "start",
    key: null,
    kind: -1,
    keys: 0,
    expires: 0,
    alreadyExpired: 0,
    functions: 0,
    scripts: 0,
    database: 0,
  };
  private nowMs: number;
  private note: (offset: number, text: string) => void;
  private profile: DataProfile | null;
  private database = 0;

  constructor(
    ks: Keyspace,
    input: RdbInput,
    nowMs: number,
    note: (offset: number, text: string) => void,
    profile: DataProfile | null,
  ) {
    const options = { nowMs: 0, relaxed: true, checksum: true, merge: true };
    super(ks, input, options);
    this.nowMs = nowMs;
    this.note = note;
    this.profile = profile;
  }

  private say(text: string): void {
    this.note(this.input.offset, text);
  }

  protected override head(): boolean {
    if (!super.head()) return false;
    this.check.step = "read-type";
    return true;
  }

  protected override accepts(version: number, isValkey: boolean): boolean {
    const { check } = this;
    check.version = version;
    if (
      version < 1 || (version < RDB_FOREIGN_VERSION_MIN && isValkey) ||
      (version > RDB_FOREIGN_VERSION_MAX && !isValkey)
    ) return false;
    check.needsRelaxed = version > RDB_VERSION || isForeign(version);
    if (check.needsRelaxed) {
      this.say(`${isForeign(version) ? "Foreign" : "Future"} RDB version ${version} detected`);
    }
    return true;
  }

  protected override part(opcode: number): boolean {
    const { check } = this;
    const step = STEPS.get(opcode);
    if (step !== undefined) check.step = step;
    if (!this.checkPart(opcode)) return false;
    check.step = "read-type";
    return true;
  }

  private checkPart(opcode: number): boolean {
    if (opcode === OPCODE_SLOT_IMPORT) return this.slotImport();
    if (opcode === OPCODE_MODULE_AUX) return this.moduleAux();
    if (opcode === OPCODE_FUNCTION_PREVIEW) {
      return this.fail(`Pre-release function format not supported ${this.check.version}`);
    }
    return super.part(opcode);
  }

  private slotImport(): boolean {
    if (!this.input.string()) return false;
    for (let left = this.length(); left > 0; left--) {
      if (this.length() < 0 || this.length() < 0) return false;
    }
    return !this.input.failed;
  }

  private moduleAux(): boolean {
    const name = this.moduleName();
    const kind = this.length();
    if (this.length() < 0) return false;
    if (kind !== MODULE_UINT) return this.fail("bad when_opcode");
    this.say(`MODULE AUX for: ${name}`);
    return this.moduleParts(name);
  }

  /** Nine letters of six bits each, in front of ten bits of version. */
  private moduleName(): string {
    const { input } = this;
    input.length();
    let rest = (BigInt(input.hi >>> 0) << 32n | BigInt(input.lo >>> 0)) >> 10n;
    let name = "";
    for (let i = 0; i < MODULE_NAME_LEN; i++) {
      name = MODULE_NAME_LETTERS[Number(rest & 63n)] + name;
      rest >>= 6n;
    }
    return name;
  }

  private moduleParts(name: string): boolean {
    const { input } = this;
    for (let part = this.length(); part !== MODULE_EOF; part = this.length()) {
      if (part === MODULE_SINT || part === MODULE_UINT) input.length();
      else if (part === MODULE_FLOAT) this.skip(4);
      else if (part === MODULE_DOUBLE) this.skip(8);
      else if (part === MODULE_STRING) input.string();
      else if (!input.failed) return this.fail(`Unknown part ${part} in data of module ${name}`);
      if (input.failed) return false;
    }
    return true;
  }

  private skip(bytes: number): void {
    if (this.input.need(bytes)) this.input.pos += bytes;
  }

  protected override select(index: number): boolean {
    if (index < 0) return false;
    this.say(`Selecting DB ID ${index}`);
    this.database = index;
    this.check.database = Math.max(this.check.database, index);
    return true;
  }

  protected override aux(): boolean {
    if (!super.aux()) return false;
    const [name, value] = this.result.aux.pop() ?? ["", ""];
    if (name.toLowerCase() === "lua") this.check.scripts++;
    this.say(`AUX FIELD ${name} = '${value}'`);
    return true;
  }

  /** Nothing is kept, so nothing needs room. */
  protected override reserve(): void {}

  protected override library(): boolean {
    if (!this.input.string()) return false;
    this.check.functions++;
    return true;
  }

  protected override keyAndValue(kind: number): boolean {
    const { input, check } = this;
    const problem = this.kindProblem(kind);
    if (problem !== "") return this.fail(problem);
    check.kind = kind;
    check.step = "read-key";
    if (!input.string()) return false;
    this.keep();
    check.keys++;
    check.key = latin1(this.key, 0, this.keyLen);
    check.step = "read-object-value";
    const expireMs = this.hasExpiry ? int64ToNumber(this.expiry[0], this.expiry[1]) : -1;
    if (!this.value(kind, expireMs)) return false;
    if (expireMs !== -1) check.expires++;
    if (expireMs !== -1 && expireMs < this.nowMs) check.alreadyExpired++;
    this.hasExpiry = false;
    check.key = null;
    check.kind = -1;
    return true;
  }

  private kindProblem(kind: number): string {
    const { version } = this.check;
    if (isForeign(version) && kind >= RDB_FOREIGN_TYPE_MIN && kind <= FOREIGN_TYPE_MAX) {
      return `Unknown object type ${kind} in RDB file with foreign version ${version}`;
    }
    if (isValueType(kind)) return "";
    return version > RDB_VERSION
      ? `Unknown object type ${kind} in RDB file with future version ${version}`
      : `Invalid object type: ${kind}`;
  }

  private value(kind: number, expireMs: number): boolean {
    if (kind === RDB_STRING) return this.string(expireMs);
    if (kind === RDB_MODULE_2) return this.moduleParts(this.moduleName());
    const type = valueTypeOf(kind);
    if (type < 0) return this.fail("Pre-release module format not supported");
    return this.collection(type, kind, expireMs);
  }

  private string(expireMs: number): boolean {
    const { input, profile } = this;
    if (!input.string()) return false;
    if (profile !== null) {
      const isExpired = expireMs < this.nowMs;
      profile.key(this.database, TYPE_STRING, this.keyLen, expireMs !== -1, isExpired);
      profile.string(input.stringLen);
    }
    return true;
  }

  private collection(type: number, kind: number, expireMs: number): boolean {
    const { ks, input, key, keyLen, profile } = this;
    const rec = recordCreate(ks, metaByte(type, ENCODING_LISTPACK, false), key, 0, keyLen, 0);
    const status = readValue(input, ks, rec, kind, 0);
    if (status !== READ_OK) {
      recordAbandon(ks, rec);
      const reason = status === READ_EMPTY ? "Collection without elements" : input.reason;
      return this.fail(reason || "Corrupt value");
    }
    if (profile !== null) {
      profile.key(this.database, type, keyLen, expireMs !== -1, expireMs < this.nowMs);
      profile.value(ks, rec);
    }
    recordDiscard(ks, rec);
    return true;
  }

  protected override end(): void {
    const { input, check } = this;
    check.step = "check-sum";
    const before = input.offset;
    super.end();
    if (this.result.error !== "" || input.failed || input.offset === before) return;
    this.note(
      input.offset,
      this.hasChecksum
        ? "Checksum OK"
        : "RDB file was saved with checksum disabled: no check performed.",
    );
  }
}
