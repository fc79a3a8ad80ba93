// aof_manifest.ts: the list of the files that make up the append-only file.
//
//   appendonlydir/
//     appendonly.aof.manifest        file appendonly.aof.2.base.rdb seq 2 type b
//                                    file appendonly.aof.1.incr.aof seq 1 type h
//                                    file appendonly.aof.2.incr.aof seq 2 type i
//     appendonly.aof.2.base.rdb      b  the data set at one instant
//     appendonly.aof.2.incr.aof      i  the changes since, in the order of their numbers; the last one is written to
//     appendonly.aof.1.incr.aof      h  history: contained in the base, to be removed
//
// A line holds pairs of a key and a value, at least the three above, in any order and case; other keys are ignored. Names
// with blanks, quotes or bytes that cannot be printed stand in double quotes with escapes. Lines that begin with # are
// comments. Anything else (an empty line or file, a line without end, two bases, numbers that do not grow) is an error:
// what is in doubt must not be loaded.
//
// Source followed: the format as Valkey 9.1 reads and writes it. All texts are latin-1.

/** One file of the list. */
export interface AofPart {
  name: string;
  seq: number;
}

/** The files, by their role. Base files and the others are numbered apart. */
export interface AofManifest {
  base: AofPart | null;
  history: AofPart[];
  incremental: AofPart[];
  /** The greatest numbers in use. */
  baseSeq: number;
  incrementalSeq: number;
}

/** What came of reading a manifest: `error` is "" or what is wrong with line `line`, counted from 1. */
export interface AofManifestRead {
  manifest: AofManifest;
  error: string;
  line: number;
  text: string;
}

const LINE_BYTES_MAX = 1024;
const FIELDS_MIN = 6;
const BAD_FORMAT = "Invalid AOF manifest file format";

export function emptyManifest(): AofManifest {
  return { base: null, history: [], incremental: [], baseSeq: 0, incrementalSeq: 0 };
}

/** Reads a manifest. */
export function manifestRead(text: string): AofManifestRead {
  const manifest = emptyManifest();
  const read: AofManifestRead = { manifest, error: "", line: 0, text: "" };
  if (text === "") read.error = "Found an empty AOF manifest";
  for (let at = 0; at < text.length && read.error === "";) {
    const newline = text.indexOf("\n", at);
    const end = newline < 0 ? text.length : newline;
    read.line++;
    read.text = text.slice(at, end);
    at = end + 1;
    if (read.text.startsWith("#")) continue;
    const isTooLong = newline < 0 || read.text.length >= LINE_BYTES_MAX;
    read.error = isTooLong
      ? "The AOF manifest file contains too long line"
      : addLine(manifest, read.text);
  }
  return read;
}

function addLine(manifest: AofManifest, line: string): string {
  const words = splitWords(line);
  if (words === null || words.length < FIELDS_MIN || words.length % 2 !== 0) return BAD_FORMAT;
  let name = "";
  let seq = 0;
  let type = "";
  for (let i = 0; i < words.length; i += 2) {
    const key = words[i].toLowerCase();
    const value = words[i + 1];
    if (key === "file") {
      if (/[/\\]/.test(value)) return "File can't be a path, just a filename";
      name = value;
    } else if (key === "seq") {
      seq = Number(/^\s*[+-]?\d+/.exec(value)?.[0] ?? 0);
    } else if (key === "type") {
      type = value.slice(0, 1);
    }
  }
  if (name === "" || seq === 0 || type === "") return BAD_FORMAT;
  return addPart(manifest, { name, seq }, type);
}

function addPart(manifest: AofManifest, part: AofPart, type: string): string {
  if (type === "b") {
    if (manifest.base !== null) return "Found duplicate base file information";
    manifest.base = part;
    manifest.baseSeq = part.seq;
  } else if (type === "h") {
    manifest.history.push(part);
  } else if (type === "i") {
    if (part.seq <= manifest.incrementalSeq) return "Found a non-monotonic sequence number";
    manifest.incremental.push(part);
    manifest.incrementalSeq = part.seq;
  } else {
    return "Unknown AOF file type";
  }
  return "";
}

/** The text of a manifest. */
export function manifestText(manifest: AofManifest): string {
  const line = ({ name, seq }: AofPart, type: string) =>
    `file ${shownName(name)} seq ${seq} type ${type}\n`;
  return (manifest.base === null ? "" : line(manifest.base, "b")) +
    manifest.history.map((part) => line(part, "h")).join("") +
    manifest.incremental.map((part) => line(part, "i")).join("");
}

/** A copy to be changed. */
export function manifestCopy(manifest: AofManifest): AofManifest {
  return {
    ...manifest,
    history: [...manifest.history],
    incremental: [...manifest.incremental],
  };
}

const ESCAPES: Readonly<Record<string, string>> = {
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\x07": "\\a",
  "\b": "\\b",
  '"': '\\"',
  "\\": "\\\\",
};
const UNESCAPES: Readonly<Record<string, string>> = {
  n: "\n",
  r: "\r",
  t: "\t",
  a: "\x07",
  b: "\b",
};

function shownName(name: string): string {
  if (/^[!#-&(-[\]-~]+$/.test(name)) return name;
  const escaped = name.replace(
    /[^ !#-[\]-~]/g,
    (char) => ESCAPES[char] ?? "\\x" + char.charCodeAt(0).toString(16).padStart(2, "0"),
  );
  return `"${escaped}"`;
}

const WORD = /[ \t\r]*(?:"((?:\\x[\da-fA-F]{2}|\\.|[^"\\])*)"|'((?:\\'|[^'])*)'|([^ \t\r"']+))/y;

/** The words of a line; null when a quote is not closed or not followed by a blank. */
function splitWords(line: string): string[] | null {
  const text = line.replace(/[ \t\r]+$/, "");
  const words: string[] = [];
  for (let at = 0; at < text.length;) {
    WORD.lastIndex = at;
    const found = WORD.exec(text);
    if (found === null) return null;
    at = WORD.lastIndex;
    if (at < text.length && !/[ \t\r]/.test(text[at])) return null;
    words.push(
      found[1] !== undefined ? unescaped(found[1]) : found[2]?.replace(/\\'/g, "'") ?? found[3],
    );
  }
  return words;
}

function unescaped(text: string): string {
  return text.replace(
    /\\(?:x([\da-fA-F]{2})|(.))/g,
    (_, hex, char) => hex ? String.fromCharCode(parseInt(hex, 16)) : UNESCAPES[char] ?? char,
  );
}
