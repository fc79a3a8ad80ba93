// fault_disk.ts: a disk that behaves as badly as disks do: for tests of what must survive it.
//
//   process 1 --write--> page cache --sync--> platter          directory: names now --syncDirectory--> names that stay
//        |                   |
//      killed              power lost: of what was not synced, some survives
//
// ONE DISK, MANY LIVES. `boot` gives the files to a process. `kill` ends it: the page cache stays, unsynced as it is, and
// whatever the dead process still does has no effect. `powerCut` ends it as well, and the disk is what `survival` makes of
// it; names and contents survive independently of each other. Either may be armed for an operation to come: before it,
// in the midst of it (a write leaves a part), or behind it.
//
// SURVIVAL of what was not synced, a file and a directory at a time
//   none     nothing
//   all      everything
//   prefix   the operations up to one of them, of which a part: torn at a byte, a sector or a page
//   zeros    as prefix, but the file has its full length: the rest is zeros
//   pages    each sector by itself, in any order: what is missing is zeros or old
//
// FAULTS, as long as they are in `faults`
//   full, quota   a write takes what fits, then fails; nothing can be created
//   write         a write fails; how much of it got out is a matter of chance, all of it included
//   sync          a sync fails, and forgets which of the pages were never written: no later sync brings them back
//   handles       nothing can be opened
//   readonly      nothing can be changed
//   rename, cut   these fail
//   lost, misdirected, doubled   a write is reported as done, and as synced later; the platter gets nothing, gets it in
//                 another place, or gets it in another place too. The page cache hides that until the power goes.
//
// INVARIANT: contents = base + ops, replayed; base is what a power cut leaves at least.
// All chance comes from the generator handed in.

import type { PlacedFiles } from "../../lib/platform/mod.ts";
import { directoryOf } from "../../lib/persist/saver.ts";
import type { SeededRandom } from "./clock.ts";
import { ProcessFiles } from "./fault_files.ts";
import { contentsOf, type Node, nodeOf, type Op, WORDS } from "./fault_node.ts";
import { namesIn } from "./memory_files.ts";

export type Fault =
  | "full"
  | "quota"
  | "write"
  | "sync"
  | "handles"
  | "readonly"
  | "rename"
  | "cut"
  | "lost"
  | "misdirected"
  | "doubled";
export type Survival = "none" | "all" | "prefix" | "zeros" | "pages";
export const SURVIVALS: readonly Survival[] = ["none", "all", "prefix", "zeros", "pages"];

const SECTOR = 512;
const PAGE = 4096;
const EDGES = [1, SECTOR, PAGE];
/** A change of names: `to` becomes the node's, `from` nobody's. Empty where there is none. */
interface NameOp {
  from: string;
  to: string;
  node: Node | null;
}

/** When a process is to end: at the operation of this number, counted from the start of the disk. */
export interface Armed {
  operation: number;
  moment: "before" | "midst" | "behind";
  kind: "kill" | Survival;
}

/** One disk. */
export class FaultDisk {
  readonly random: SeededRandom;
  readonly faults = new Set<Fault>();
  /** Share of the operations that an active fault hits. */
  faultShare = 1;
  /** Operations that changed something so far, and what happened last. */
  operations = 0;
  lastOperation = "";
  armed: Armed | null = null;
  /** Called when an armed end comes: nothing that the process does from now on counts. */
  onEnd: () => void = () => {};
  /** Called after each operation that changes something. */
  afterStep: () => void = () => {};
  /** Lets the time of a sync pass. Without it a sync takes none. */
  syncTakes: () => void = () => {};
  /** Calls `run` when a sync that was asked for in the background is through. */
  later: (run: () => void) => void = (run) => run();
  /** Whether a failed sync had forgotten something when the last life ended. */
  hadForgotten = false;
  private life = 0;
  private names = new Map<string, Node>();
  private safeNames = new Map<string, Node>();
  private nameOps: NameOp[] = [];
  private directories = new Set<string>();
  private safeDirectories = new Set<string>();

  constructor(random: SeededRandom) {
    this.random = random;
  }

  // ---- lives

  /** The files for a new process; those of the one before are dead. */
  boot(): PlacedFiles {
    return new ProcessFiles(this, ++this.life);
  }

  isAlive(life: number): boolean {
    return life === this.life;
  }

  /** The process is gone; what it wrote is there. */
  kill(): void {
    this.hadForgotten = this.hasForgotten;
    this.life++;
    this.armed = null;
  }

  /** The power goes: of what was not synced, this survives. */
  powerCut(survival: Survival): void {
    this.hadForgotten = this.hasForgotten;
    this.life++;
    this.armed = null;
    const names = new Map(this.safeNames);
    for (const op of this.survivingNames(survival)) applyNameOp(names, op);
    for (const name of this.directories) {
      const stays = this.safeDirectories.has(name) || survival === "all" ||
        (survival !== "none" && this.random.chance(0.5));
      if (!stays) this.directories.delete(name);
    }
    this.names = new Map();
    const settled = new Map<Node, Node>();
    for (const [name, node] of names) {
      const directory = directoryOf(name);
      if (directory !== "" && !this.directories.has(directory)) continue;
      let survivor = settled.get(node);
      if (survivor === undefined) {
        survivor = nodeOf(this.surviving(node, survival));
        settled.set(node, survivor);
      }
      this.names.set(name, survivor);
    }
    this.safeNames = new Map(this.names);
    this.safeDirectories = new Set(this.directories);
    this.nameOps = [];
  }

  private survivingNames(survival: Survival): NameOp[] {
    const ops = this.nameOps;
    if (survival === "none") return [];
    if (survival === "all") return ops;
    if (survival === "pages") return ops.filter(() => this.random.chance(0.5));
    return ops.slice(0, this.random.below(ops.length + 1));
  }

  private surviving(node: Node, survival: Survival): Uint8Array {
    const { random } = this;
    if (survival === "none" || node.ops.length === 0) return node.base;
    if (survival === "all") return this.replay(node.base, node.ops);
    if (survival === "pages") return this.survivingPages(node);
    const count = random.below(node.ops.length + 1);
    const kept = node.ops.slice(0, count);
    const torn = node.ops[count];
    if (torn?.bytes) {
      const edge = random.pick(EDGES);
      const end = torn.off + random.below(torn.bytes.length + 1);
      const cut = Math.max(0, Math.floor(end / edge) * edge - torn.off);
      kept.push({ ...torn, bytes: torn.bytes.subarray(0, cut) });
    }
    const bytes = this.replay(node.base, kept);
    if (survival === "prefix" || bytes.length >= node.size) return bytes;
    const longer = new Uint8Array(node.size);
    longer.set(bytes);
    return longer;
  }

  private survivingPages(node: Node): Uint8Array {
    const { random } = this;
    const kept: Op[] = [];
    for (const op of node.ops) {
      if (op.bytes === null) {
        if (random.chance(0.5)) kept.push(op);
        continue;
      }
      for (let at = 0; at < op.bytes.length;) {
        const end = Math.min(
          op.bytes.length,
          (Math.floor((op.off + at) / SECTOR) + 1) * SECTOR - op.off,
        );
        if (random.chance(0.5)) {
          kept.push({ ...op, bytes: op.bytes.subarray(at, end), off: op.off + at });
        }
        at = end;
      }
    }
    return this.replay(node.base, kept);
  }

  /** What the platter has when these operations have reached it. */
  private replay(base: Uint8Array, ops: readonly Op[]): Uint8Array {
    let bytes = base;
    let size = base.length;
    let isOwn = false;
    const reach = (end: number) => {
      if (!isOwn || end > bytes.length) {
        const longer = new Uint8Array(Math.max(end, size));
        longer.set(bytes.subarray(0, size));
        bytes = longer;
        isOwn = true;
      }
      size = Math.max(size, end);
    };
    for (const { bytes: written, off, fate } of ops) {
      if (written === null) {
        size = Math.min(size, off);
        bytes = bytes.slice(0, size);
        isOwn = true;
        continue;
      }
      reach(off + written.length);
      if (fate === "" || fate === "doubled") bytes.set(written, off);
      if (fate === "misdirected" || fate === "doubled") {
        const place = this.random.below(size - written.length + 1);
        bytes.set(written, place);
      }
    }
    return bytes.subarray(0, size);
  }

  // ---- what tests look at and change

  /** Names and contents as a process sees them. */
  get contents(): Map<string, Uint8Array> {
    const found = new Map<string, Uint8Array>();
    for (const [name, node] of this.names) found.set(name, contentsOf(node));
    return found;
  }

  /** Puts a file there, safe at once. */
  put(name: string, bytes: Uint8Array): void {
    const node = nodeOf(bytes.slice());
    const directory = directoryOf(name);
    if (directory !== "") {
      this.directories.add(directory);
      this.safeDirectories.add(directory);
    }
    this.names.set(name, node);
    this.safeNames.set(name, node);
  }

  /** Bytes written and not synced, in all files. */
  get unsyncedBytes(): number {
    let sum = 0;
    for (const node of this.names.values()) {
      for (const op of node.ops) sum += op.bytes?.length ?? 0;
    }
    return sum;
  }

  /** Whether a sync that failed has forgotten something that is in a file. */
  private get hasForgotten(): boolean {
    return [...this.names.values()].some(({ ops, hasGaps }) =>
      hasGaps || ops.some(({ fate }) => fate === "gone")
    );
  }

  // ---- operations of processes

  hits(fault: Fault): boolean {
    return this.faults.has(fault) && (this.faultShare === 1 || this.random.chance(this.faultShare));
  }

  fail(fault: string): never {
    throw new Error(WORDS[fault]);
  }

  /** Fails when one of these faults is active. */
  refuse(...faults: Fault[]): void {
    for (const fault of faults) if (this.hits(fault)) this.fail(fault);
  }

  /** One operation: `act` does it, `part` does a part of it. */
  step(life: number, what: string, act: () => void, part: () => void = () => {}): void {
    if (life !== this.life) return;
    this.operations++;
    this.lastOperation = what;
    const { armed } = this;
    if (armed === null || this.operations < armed.operation) {
      act();
      this.afterStep();
      return;
    }
    if (armed.moment === "midst") part();
    // An operation that fails has had its part as well.
    try {
      if (armed.moment === "behind") act();
    } finally {
      if (armed.kind === "kill") this.kill();
      else this.powerCut(armed.kind);
      this.onEnd();
    }
  }

  namesIn(directory: string): string[] {
    return namesIn(this.names.keys(), directory);
  }

  nodeOf(name: string): Node | undefined {
    return this.names.get(name);
  }

  private changeName(op: NameOp): void {
    applyNameOp(this.names, op);
    this.nameOps.push(op);
  }

  link(name: string): Node {
    let node = this.names.get(name);
    if (node === undefined) {
      const directory = directoryOf(name);
      if (directory !== "" && !this.directories.has(directory)) this.fail("missing");
      node = nodeOf(new Uint8Array(0));
      this.changeName({ from: "", to: name, node });
    }
    return node;
  }

  unlink(name: string): void {
    if (this.names.has(name)) this.changeName({ from: name, to: "", node: null });
  }

  rename(from: string, to: string): void {
    const node = this.names.get(from);
    if (node === undefined) this.fail("missing");
    this.changeName({ from, to, node });
  }

  addDirectory(name: string): void {
    this.directories.add(name);
  }

  hasDirectory(name: string): boolean {
    return name === "" || this.directories.has(name);
  }

  /** What was done to names of the directory stays. A rename is one step, even between two directories. */
  syncNames(directory: string): void {
    const pending: NameOp[] = [];
    for (const op of this.nameOps) {
      const names = [op.from, op.to].filter((name) => name !== "");
      if (!names.some((name) => directoryOf(name) === directory)) {
        pending.push(op);
        continue;
      }
      applyNameOp(this.safeNames, op);
      // What was done to these names before is history.
      for (let i = pending.length - 1; i >= 0; i--) {
        if (names.includes(pending[i].from) || names.includes(pending[i].to)) pending.splice(i, 1);
      }
    }
    this.nameOps = pending;
    if (directory === "") this.safeDirectories = new Set(this.directories);
  }

  write(node: Node, bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    const fates = ["lost", "misdirected", "doubled"] as const;
    const fate = fates.find((one) => this.hits(one)) ?? "";
    const off = node.size;
    if (off + bytes.length > node.data.length) {
      const longer = new Uint8Array(Math.max(256, node.data.length * 2, off + bytes.length));
      longer.set(node.data.subarray(0, off));
      node.data = longer;
    }
    node.data.set(bytes, off);
    node.size += bytes.length;
    node.ops.push({ bytes, off, fate });
  }

  cut(node: Node, size: number): void {
    if (node.size === size) return;
    // What a sync has seen must not be written over.
    const data = new Uint8Array(Math.max(size, 64));
    data.set(node.data.subarray(0, Math.min(size, node.size)));
    node.data = data;
    node.size = size;
    node.ops.push({ bytes: null, off: size, fate: "" });
  }

  /** The first `count` operations have reached the platter. */
  synced(node: Node, count: number, contents: Uint8Array): void {
    const ops = node.ops.slice(0, count);
    const isTrue = ops.every((op) => op.fate === "");
    node.base = isTrue ? contents : this.replay(node.base, ops);
    if (ops.some((op) => op.fate === "gone")) node.hasGaps = true;
    node.ops = node.ops.slice(count);
  }

  /** A sync failed: some of what was to be synced never gets there, and nobody knows any more. */
  forget(node: Node, count: number): void {
    for (const op of node.ops.slice(0, count)) {
      if (op.bytes !== null && this.random.chance(0.7)) op.fate = "gone";
    }
  }
}

function applyNameOp(names: Map<string, Node>, { from, to, node }: NameOp): void {
  if (from !== "" && (node === null || names.get(from) === node)) names.delete(from);
  if (to !== "" && node !== null) names.set(to, node);
}
