// aof_files.ts: the files of an append-only file on a disk: which are there, and how they change places.
//
//   rewrite starts   a new incremental file joins the list                                   base 1, incr 1, incr 2
//   rewrite ends     the new base takes the place of the old one and of what came before     base 2, incr 2
//                    (the old ones are history, then removed)
//
// ORDER. A file is on the disk, and its name safe, before the list names it; the list is replaced as a whole; a file is
// removed only when the list calls it history. So the list on the disk is good at every instant, whatever stops the
// machine. The list here changes when the one on the disk does: the name of a listed file is never used again.
//
// Most of it waits for the disk, and is written as sequences that need not be waited for (disk_work.ts); two of them must not
// be under way at once.

import { fromLatin1, latin1 } from "../bytes/ascii.ts";
import type { Files, OutputFile } from "../platform/mod.ts";
import type { DiskWork } from "./disk_work.ts";
import {
  type AofManifest,
  type AofPart,
  emptyManifest,
  manifestCopy,
  manifestRead,
  manifestText,
} from "./aof_manifest.ts";

/** A new, empty incremental file, and the list it is in, which does not count yet. */
export interface NewIncremental {
  file: OutputFile;
  path: string;
  manifest: AofManifest;
}

/** The files of one append-only file, all in one directory. Operations throw an Error with the system's words. */
export class AofFiles {
  manifest: AofManifest = emptyManifest();
  readonly directory: string;
  private files: Files;
  private name: string;

  constructor(files: Files, directory: string, name: string) {
    this.files = files;
    this.directory = directory;
    this.name = name;
  }

  /** The path of a file in the directory. */
  pathOf(name: string): string {
    return `${this.directory}/${name}`;
  }

  private get manifestName(): string {
    return `${this.name}.manifest`;
  }

  get isEmpty(): boolean {
    return this.manifest.base === null && this.manifest.incremental.length === 0;
  }

  /** Reads the list, which may be absent. Returns the lines that say what is wrong with it, none when it is good. */
  readManifest(): string[] {
    this.manifest = emptyManifest();
    let bytes: Uint8Array | null;
    try {
      bytes = this.files.read(this.pathOf(this.manifestName));
    } catch (error) {
      const words = error instanceof Error ? error.message : String(error);
      return [
        `Fatal error: can't open the AOF manifest file ${this.manifestName} for reading: ${words}`,
      ];
    }
    if (bytes === null) return [];
    const { manifest, error, line, text } = manifestRead(latin1(bytes, 0, bytes.length));
    this.manifest = manifest;
    if (error === "") return [];
    const where = line === 0 ? [] : [`Reading the manifest file, at line ${line}`, `>>> '${text}'`];
    return ["*** FATAL AOF MANIFEST FILE ERROR ***", ...where, error];
  }

  makeDirectory(): void {
    this.files.makeDirectory(this.directory);
  }

  /** Makes the directory and its name safe. */
  *prepare(): DiskWork {
    this.makeDirectory();
    yield { kind: "syncDirectory", name: "" };
  }

  private get temporaryManifest(): string {
    return this.pathOf(`temp-${this.manifestName}`);
  }

  private *draft(manifest: AofManifest): DiskWork {
    const bytes = fromLatin1(manifestText(manifest));
    const file = this.files.create(this.temporaryManifest);
    try {
      file.write(bytes, 0, bytes.length);
      yield { kind: "sync", file };
    } finally {
      file.close();
    }
  }

  private *adopt(manifest: AofManifest): DiskWork {
    yield* this.draft(manifest);
    yield { kind: "rename", from: this.temporaryManifest, to: this.pathOf(this.manifestName) };
    // From now on this is the list, even where nobody can tell whether it stays.
    this.manifest = manifest;
    yield { kind: "syncDirectory", name: this.directory };
  }

  /** Takes over a single file of the working directory, as servers before 7.0 wrote it, as the base. */
  *upgrade(): DiskWork {
    yield* this.prepare();
    // Nothing may be missing at its end once other files follow it; who wrote it may have been killed in front of a sync.
    const file = this.files.append(this.name);
    try {
      yield { kind: "sync", file };
    } finally {
      file.close();
    }
    const manifest = emptyManifest();
    manifest.base = { name: this.name, seq: 1 };
    manifest.baseSeq = 1;
    yield* this.adopt(manifest);
    yield { kind: "rename", from: this.name, to: this.pathOf(this.name) };
    yield { kind: "syncDirectory", name: this.directory };
    yield { kind: "syncDirectory", name: "" };
  }

  /** Whether there is a single file of the working directory to take over. */
  get wantsUpgrade(): boolean {
    if (this.files.size(this.name) < 0) return false;
    const { base, incremental } = this.manifest;
    if (this.isEmpty) return true;
    // A take-over that was stopped before the file was moved.
    return incremental.length === 0 && base?.name === this.name &&
      this.files.size(this.pathOf(this.name)) < 0;
  }

  /** The name the next base will have: a snapshot, or commands. */
  nextBase(isSnapshot: boolean): AofPart {
    return this.free(this.manifest.baseSeq + 1, isSnapshot ? "base.rdb" : "base.aof");
  }

  private nextIncremental(): AofPart {
    return this.free(this.manifest.incrementalSeq + 1, "incr.aof");
  }

  /** The first number from `seq` on whose name is not in the list: what is history goes by its name. */
  private free(seq: number, suffix: string): AofPart {
    const { base, incremental, history } = this.manifest;
    const names = new Set([...incremental, ...history].map(({ name }) => name));
    if (base !== null) names.add(base.name);
    let number = seq;
    while (names.has(`${this.name}.${number}.${suffix}`)) number++;
    return { name: `${this.name}.${number}.${suffix}`, seq: number };
  }

  /** Adds a first base, whose file is safe already. */
  *addBase(part: AofPart): DiskWork {
    const manifest = manifestCopy(this.manifest);
    manifest.base = part;
    manifest.baseSeq = part.seq;
    yield* this.adopt(manifest);
  }

  /** Makes a new, empty incremental file and a list with it: all that `list` needs to be quick. */
  *makeIncremental(): DiskWork<NewIncremental> {
    const part = this.nextIncremental();
    const path = this.pathOf(part.name);
    const file = this.createNew(path);
    try {
      yield { kind: "syncDirectory", name: this.directory };
      const manifest = manifestCopy(this.manifest);
      manifest.incremental.push(part);
      manifest.incrementalSeq = part.seq;
      yield* this.draft(manifest);
      return { file, path, manifest };
    } catch (error) {
      file.close();
      throw error;
    }
  }

  /** Makes the list with a new file count: at once for who looks, and for good when the directory is synced. */
  list({ manifest }: NewIncremental): void {
    this.files.rename(this.temporaryManifest, this.pathOf(this.manifestName));
    this.manifest = manifest;
  }

  /** Makes the names in the directory safe. */
  *settle(): DiskWork {
    yield { kind: "syncDirectory", name: this.directory };
  }

  /** A new file that joins the list when the base is there: that of the first rewrite. */
  createTemporary(): { file: OutputFile; path: string } {
    const path = this.pathOf(`temp-${this.name}.incr`);
    return { file: this.createNew(path), path };
  }

  /** A file that is not that of a name left behind, whose old contents might be there again after a power cut. */
  private createNew(path: string): OutputFile {
    this.files.remove(path);
    return this.files.create(path);
  }

  /** Gives the file of createTemporary, which is being written to, the name under which it will join the list. */
  nameIncremental(temporary: string): AofPart {
    const part = this.nextIncremental();
    this.files.rename(temporary, this.pathOf(part.name));
    return part;
  }

  /**
   * Puts the new base in the place of the old one and of the incremental files but the last, or of all of them; `joining` is
   * then the only incremental one.
   */
  *replaceBase(base: AofPart, joining: AofPart | null, keepsLast: boolean): DiskWork {
    const manifest = manifestCopy(this.manifest);
    if (manifest.base !== null) manifest.history.push(manifest.base);
    manifest.base = base;
    manifest.baseSeq = base.seq;
    const kept = keepsLast ? manifest.incremental.slice(-1) : [];
    manifest.history.push(
      ...manifest.incremental.slice(0, manifest.incremental.length - kept.length),
    );
    manifest.incremental = kept;
    if (joining !== null) {
      manifest.incremental = [joining];
      manifest.incrementalSeq = joining.seq;
    }
    yield { kind: "syncDirectory", name: this.directory };
    yield* this.adopt(manifest);
  }

  /** Removes what is history from the disk and the list. */
  *removeHistory(): DiskWork {
    if (this.manifest.history.length === 0) return;
    for (const { name } of this.manifest.history) {
      yield { kind: "remove", name: this.pathOf(name) };
    }
    const manifest = manifestCopy(this.manifest);
    manifest.history = [];
    yield* this.adopt(manifest);
  }

  /** Whether the list has an incremental file of this path. */
  lists(path: string): boolean {
    return this.manifest.incremental.some(({ name }) => this.pathOf(name) === path);
  }

  /** Bytes of a listed file, 0 when it is not there. */
  sizeOf(part: AofPart): number {
    return Math.max(0, this.files.size(this.pathOf(part.name)));
  }
}
