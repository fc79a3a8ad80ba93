// memory_files.ts: a disk in memory, for tests: what is there now, and what a power cut would leave.

import type { InputFile, NameOperation, OutputFile, PlacedFiles } from "../../lib/platform/mod.ts";
import { directoryOf } from "../../lib/persist/saver.ts";

/** A file, whatever its names: what was written, and what of that is safe. */
interface Node {
  contents: Uint8Array;
  synced: Uint8Array;
}

/** Files by name. A failure can be planned: the operation of that number, counted from 1, throws. */
export class MemoryFiles implements PlacedFiles {
  /** Contents by name; tests may put files here. */
  readonly now = new Map<string, Uint8Array>();
  /** Operations so far, and the one that fails. */
  operations = 0;
  failAt = Infinity;
  /** Every operation of a kind listed here fails: "write", "sync". */
  readonly broken = new Set<string>();
  /** Takes over syncs that nobody waits for: each ends when its function is called. */
  syncsLater: ((done: (problem: string) => void) => void) | null = null;
  /** The same for operations on names that nobody waits for; what is to be done is done when `run` is called. */
  namesLater: ((run: () => void) => void) | null = null;
  /** The same for writes that nobody waits for; they are done at once, and reported when `report` is called. */
  writesLater: ((report: () => void) => void) | null = null;
  /** The most bytes that one read gives. */
  readBytesMax = Infinity;
  /** Called after each operation that changes something: what a killed process would leave is there. */
  afterStep: () => void = () => {};
  private nodes = new Map<string, Node>();
  private directories = new Set<string>();
  private safeNodes = new Map<string, Node>();
  private safeDirectories = new Set<string>();

  /** Why the directory cannot be claimed. */
  claimProblem = "";

  claim(): string {
    return this.claimProblem;
  }

  here(): PlacedFiles {
    return this;
  }

  follow(): void {}

  private step(kind: string, act: () => void): void {
    this.operations++;
    if (this.operations === this.failAt || this.broken.has(kind)) {
      throw new Error("No space left on device");
    }
    act();
    this.afterStep();
  }

  /** What is safe: contents that were synced, under names that were synced with their directory. */
  get safe(): Map<string, Uint8Array> {
    const found = new Map<string, Uint8Array>();
    for (const [name, { synced }] of this.safeNodes) {
      const directory = directoryOf(name);
      if (directory === "" || this.safeDirectories.has(directory)) found.set(name, synced);
    }
    return found;
  }

  /** The disk a killed process leaves. */
  killed(): MemoryFiles {
    return filesOf(this.now);
  }

  /** The disk a power cut leaves. */
  powerCut(): MemoryFiles {
    return filesOf(this.safe);
  }

  private nodeOf(name: string): Node | undefined {
    const contents = this.now.get(name);
    if (contents === undefined) return undefined;
    let node = this.nodes.get(name);
    if (node === undefined || node.contents !== contents) {
      node = { contents, synced: contents };
      this.nodes.set(name, node);
    }
    return node;
  }

  private put(name: string, node: Node): void {
    this.nodes.set(name, node);
    this.now.set(name, node.contents);
  }

  /** Gives a file other contents, under whatever names it has. */
  private change(node: Node, contents: Uint8Array): void {
    for (const [name, other] of this.nodes) if (other === node) this.now.set(name, contents);
    node.contents = contents;
  }

  create(name: string): OutputFile {
    const node = { contents: new Uint8Array(0), synced: new Uint8Array(0) };
    this.step("create", () => this.put(name, node));
    return this.output(node);
  }

  append(name: string): OutputFile {
    let node = this.nodeOf(name);
    if (node !== undefined) return this.output(node);
    node = { contents: new Uint8Array(0), synced: new Uint8Array(0) };
    const added = node;
    this.step("create", () => this.put(name, added));
    return this.output(node);
  }

  private output(node: Node): OutputFile {
    const sync = () => this.step("sync", () => node.synced = node.contents);
    const write = (buf: Uint8Array, off: number, len: number) => {
      this.step("write", () => {
        const longer = new Uint8Array(node.contents.length + len);
        longer.set(node.contents);
        longer.set(buf.subarray(off, off + len), node.contents.length);
        this.change(node, longer);
      });
    };
    return {
      write,
      writeLater: (buf, off, len, done) => {
        const problem = problemOf(() => write(buf, off, len));
        if (this.writesLater === null) done(problem);
        else this.writesLater(() => done(problem));
      },
      sync,
      syncLater: (done) => {
        if (this.syncsLater !== null) return this.syncsLater(done);
        done(problemOf(sync));
      },
      close: () => {},
    };
  }

  read(name: string): Uint8Array | null {
    return this.now.get(name) ?? null;
  }

  open(name: string): InputFile | null {
    const contents = this.now.get(name);
    return contents === undefined ? null : inputOf(contents, this.readBytesMax);
  }

  list(directory: string): string[] {
    return namesIn(this.now.keys(), directory);
  }

  size(name: string): number {
    return this.now.get(name)?.length ?? -1;
  }

  truncate(name: string, size: number): void {
    const node = this.nodeOf(name);
    if (node === undefined) throw new Error("No such file or directory");
    this.step("truncate", () => this.change(node, node.contents.slice(0, size)));
  }

  rename(from: string, to: string): void {
    const node = this.nodeOf(from);
    if (node === undefined) throw new Error("No such file or directory");
    this.step("rename", () => {
      this.now.delete(from);
      this.nodes.delete(from);
      this.put(to, node);
    });
  }

  remove(name: string): void {
    this.now.delete(name);
    this.nodes.delete(name);
    this.afterStep();
  }

  makeDirectory(name: string): void {
    if (this.directories.has(name)) return;
    this.step("create", () => this.directories.add(name));
  }

  syncDirectory(name: string): void {
    this.step("sync", () => {
      for (const other of this.safeNodes.keys()) {
        if (directoryOf(other) === name) this.safeNodes.delete(other);
      }
      for (const other of this.now.keys()) {
        if (directoryOf(other) === name) this.safeNodes.set(other, this.nodeOf(other) as Node);
      }
      if (name === "") { for (const one of this.directories) this.safeDirectories.add(one); }
    });
  }

  later(operation: NameOperation, done: (problem: string) => void): void {
    const run = () => done(problemOf(() => performNamed(this, operation)));
    if (this.namesLater === null) run();
    else this.namesLater(run);
  }
}

/** Does at once what was asked for without waiting. */
export function performNamed(files: PlacedFiles, operation: NameOperation): void {
  if (operation.kind === "rename") files.rename(operation.from, operation.to);
  else if (operation.kind === "remove") files.remove(operation.name);
  else files.syncDirectory(operation.name);
}

/** "" or the words of what an operation throws. */
export function problemOf(act: () => void): string {
  try {
    act();
    return "";
  } catch (error) {
    return (error as Error).message;
  }
}

/** The files of a directory, by their names in it. */
export function namesIn(names: Iterable<string>, directory: string): string[] {
  return [...names].filter((name) => directoryOf(name) === directory)
    .map((name) => name.slice(name.lastIndexOf("/") + 1));
}

/** Contents as a file that is open for reading. */
export function inputOf(contents: Uint8Array, readBytesMax = Infinity): InputFile {
  let at = 0;
  return {
    size: contents.length,
    read(buf, off, len) {
      const count = Math.min(len, readBytesMax, contents.length - at);
      buf.set(contents.subarray(at, at + count), off);
      at += count;
      return count;
    },
    close: () => {},
  };
}

/** A disk with these files, all safe. */
function filesOf(contents: ReadonlyMap<string, Uint8Array>): MemoryFiles {
  const files = new MemoryFiles();
  for (const [name, bytes] of contents) {
    const directory = directoryOf(name);
    if (directory !== "") files.makeDirectory(directory);
    files.now.set(name, bytes);
  }
  files.syncDirectory("");
  for (const name of contents.keys()) files.syncDirectory(directoryOf(name));
  files.operations = 0;
  return files;
}
