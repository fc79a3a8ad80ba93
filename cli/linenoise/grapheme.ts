// grapheme.ts: user-perceived characters (grapheme clusters) over bytes, and their width in cells.
//
// Boundaries are those of Unicode's extended grapheme clusters, with two additions for bytes: an
// invalid byte is a cluster of its own, and so is every control, CR and LF included. A cluster
// holds at most CLUSTER_CODE_POINTS_MAX code points.
//
// WHY NOT Intl.Segmenter for everything: about a microsecond a cluster. Two neighbours of which
// neither can join (codePointClass below CLASS_ZERO) are separated by looking at them; only what
// is left is handed to the segmenter, a few code points at a time. Runtimes without a segmenter
// use one regular expression over Unicode properties.
//
// INVARIANTS  I1 from a boundary, clusterEnd looks only at bytes behind it
//             I2 clusterEnd(off) > off; clusterStart(off) < off
// WIDTH       one code point: its own cells. Several: two for emoji sequences (joined by ZWJ, with
//             a skin tone or VARIATION SELECTOR-16, flags), otherwise the sum of their cells, as
//             terminals that know nothing of clusters advance.
// COST        clusterEnd O(cluster); clusterStart O(distance to the last pair that cannot join)
// SEE ALSO    width_table.ts, tests/cli/linenoise/width_test.ts

import { CLUSTER_CODE_POINTS_MAX } from "./limits.ts";
import { utf8Decode, utf8Previous } from "./utf8.ts";
import { CLASS_ZERO, classWidth, codePointClass } from "./width_table.ts";

const DEL = 0x7f;
const ZWJ = 0x200d;
const VS15 = 0xfe0e;
const VS16 = 0xfe0f;

const EMOJI = /^\p{Emoji}$/u;
const PICTOGRAPHIC = /^\p{Extended_Pictographic}$/u;
const MODIFIER = /^\p{Emoji_Modifier}$/u;

/** What the segmentation of short texts needs: UTF-16 units of the first cluster. */
export type FirstCluster = (text: string) => number;

let firstCluster: FirstCluster = pickFirstCluster();

function pickFirstCluster(): FirstCluster {
  if (typeof Intl === "undefined" || !("Segmenter" in Intl)) return firstClusterByProperties;
  const segmenter = new Intl.Segmenter("und", { granularity: "grapheme" });
  return (text) => segmenter.segment(text).containing(0)?.segment.length ?? text.length;
}

/** Replaces the segmentation, for tests; without an argument the default comes back. */
export function useFirstCluster(replacement?: FirstCluster): void {
  firstCluster = replacement ?? pickFirstCluster();
}

const EXTEND = "[\\p{M}\\p{Emoji_Modifier}\\u200c\\u200d\\u{e0020}-\\u{e007f}\\uff9e\\uff9f" +
  "\\u0e33\\u0eb3]";
const PREPEND = "[\\u0600-\\u0605\\u06dd\\u070f\\u0890\\u0891\\u08e2\\u0d4e\\u{110bd}\\u{110cd}" +
  "\\u{111c2}\\u{111c3}\\u{113d1}\\u{1193f}\\u{11941}\\u{11a84}-\\u{11a89}\\u{11d46}\\u{11f02}]";
const HANGUL = "[\\u1100-\\u115f\\ua960-\\ua97c]*[\\uac00-\\ud7a3]?" +
  "[\\u1160-\\u11ff\\ud7b0-\\ud7fb]+|[\\u1100-\\u115f\\ua960-\\ua97c]+[\\uac00-\\ud7a3]?";
const PICTOGRAPHS = "\\p{Extended_Pictographic}(?:[\\p{M}\\p{Emoji_Modifier}]*\\u200d" +
  "\\p{Extended_Pictographic})*";
const CONJUNCT =
  "\\p{L}(?:\\p{M}*[\\u094d\\u09cd\\u0acd\\u0b4d\\u0c4d\\u0d4d]\\p{M}*\\u200d?\\p{L})+";
const BY_PROPERTIES = new RegExp(
  `^${PREPEND}*(?:\\p{RI}\\p{RI}|${PICTOGRAPHS}|${HANGUL}|${CONJUNCT}|[^])${EXTEND}*`,
  "u",
);

/** First cluster from Unicode properties alone: the common rules, for runtimes without Intl. */
export function firstClusterByProperties(text: string): number {
  return BY_PROPERTIES.exec(text)?.[0].length ?? text.length;
}

/** Offset behind the cluster that starts at `off`; `end` is the end of the text, `off < end`. */
export function clusterEnd(buf: Uint8Array, off: number, end: number): number {
  const byte = buf[off];
  if (byte < 0x20 || byte === DEL) return off + 1;
  const next = off + 1;
  if (byte < 0x80 && (next >= end || buf[next] < 0x80)) return next;
  const first = utf8Decode(buf, off, end);
  if (first < 0) return next;
  const after = off + (first & 7);
  if (after >= end || buf[after] < 0x20 || buf[after] === DEL) return after;
  const second = utf8Decode(buf, after, end);
  if (second < 0) return after;
  if (codePointClass(first >> 3) < CLASS_ZERO && codePointClass(second >> 3) < CLASS_ZERO) {
    return after;
  }
  return clusterEndSlow(buf, off, end);
}

/** Collects code points up to a pair that cannot join and lets the segmentation decide. */
function clusterEndSlow(buf: Uint8Array, off: number, end: number): number {
  let text = "";
  let at = off;
  let joinable = true;
  for (let count = 0; count < CLUSTER_CODE_POINTS_MAX && at < end; count++) {
    const packed = utf8Decode(buf, at, end);
    if (packed < 0) break;
    const cp = packed >> 3;
    if (cp < 0x20 || cp === DEL) break;
    const joins = codePointClass(cp) >= CLASS_ZERO;
    if (count > 0 && !joins && !joinable) break;
    joinable = joins;
    text += String.fromCodePoint(cp);
    at += packed & 7;
  }
  const units = firstCluster(text);
  let stop = off;
  for (let unit = 0; unit < units;) {
    const packed = utf8Decode(buf, stop, end);
    unit += packed >> 3 > 0xffff ? 2 : 1;
    stop += packed & 7;
  }
  return stop;
}

/** Offset of the cluster that holds or ends at the byte before `off`; 0 when `off` is 0. */
export function clusterStart(buf: Uint8Array, off: number, end: number): number {
  if (off <= 0) return 0;
  let at = utf8Previous(buf, off);
  while (at > 0) {
    const before = utf8Previous(buf, at);
    if (!mayJoin(buf, before, at, end)) break;
    at = before;
  }
  for (;;) {
    const next = clusterEnd(buf, at, end);
    if (next >= off) return at;
    at = next;
  }
}

function mayJoin(buf: Uint8Array, left: number, right: number, end: number): boolean {
  if (buf[left] < 0x80 && buf[right] < 0x80) return false;
  const first = utf8Decode(buf, left, end);
  const second = utf8Decode(buf, right, end);
  if (first < 0 || second < 0) return false;
  return codePointClass(first >> 3) >= CLASS_ZERO || codePointClass(second >> 3) >= CLASS_ZERO;
}

/** Cells of the valid cluster in `[off, stop)`; 0 when nothing in it has a cell. */
export function clusterWidth(buf: Uint8Array, off: number, stop: number): number {
  const first = utf8Decode(buf, off, stop);
  const base = first >> 3;
  let width = classWidth(codePointClass(base));
  let at = off + (first & 7);
  if (at >= stop) return width;
  const baseText = String.fromCodePoint(base);
  const pictographic = PICTOGRAPHIC.test(baseText);
  while (at < stop) {
    const packed = utf8Decode(buf, at, stop);
    const cp = packed >> 3;
    if (cp === VS16 && EMOJI.test(baseText)) return 2;
    if (cp === VS15 && pictographic) return width;
    if (pictographic && (cp === ZWJ || MODIFIER.test(String.fromCodePoint(cp)))) return 2;
    width += classWidth(codePointClass(cp));
    at += packed & 7;
  }
  return width;
}
