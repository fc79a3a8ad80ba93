// width_table.ts: how many terminal cells a code point takes, and whether it can join a neighbour.
//
// SOURCE  Unicode 17.0: East_Asian_Width W and F (wide), General_Category Mn, Me, Cf and
//         Default_Ignorable_Code_Point (no cells), Grapheme_Cluster_Break Extend, ZWJ, SpacingMark,
//         Prepend, L, V, T and Regional_Indicator (may join). Ambiguous width counts as narrow.
//
// WHY NOT one array per code point: 1.1 million entries against 698 runs in 2.5 KB of text.
//
// FORMAT  runs in ascending order, comma between: <gap><class><length>
//           gap     code points of class 0 since the end of the previous run, base 36, empty = 0
//           class   W = 1, Z = 2, M = 3, L = 4 as below
//           length  code points in the run, base 36, empty = 1
//
// EXAMPLE "lcZ34" first: gap lc = 768, so U+0300, class Z, 34 = 112 code points, U+0300..U+036F.
//
// COST    a look-up is three comparisons for Latin, CJK ideographs and Hangul, otherwise a binary
//         search over the runs.
// SEE ALSO tests/cli/linenoise/width_test.ts (compares with the runtime's own Unicode tables)

/** One cell, never joins a neighbour by itself. */
export const CLASS_NARROW = 0;
/** Two cells, never joins a neighbour by itself. */
export const CLASS_WIDE = 1;
/** No cell of its own: combining marks, joiners, format characters, Hangul vowels and finals. */
export const CLASS_ZERO = 2;
/** One cell and may join: spacing marks, prepended signs, regional indicators. */
export const CLASS_NARROW_JOINS = 3;
/** Two cells and may join: Hangul initials, emoji modifiers. */
export const CLASS_WIDE_JOINS = 4;

const CLASS_LETTERS = "-WZML";

// deno-fmt-ignore
const RUNS =
  "lcZ34,7nZ7,7bZ19,1Z,1Z2,1Z2,1Z,1kM6,aZb,1Z,1aZl,gZ,2tZ7,M,1Z6,2Z2,1Z4,xM,1Z,uZr,2jZb,1mZ9," +
  "9Z,oZ4,1Z9,1Z3,1Z5,17Z3,1gM2,5Z9,16Zo,M,Zw,M,1iZ,M,Z,1M3,Z8,M4,Z,M2,1Z7,aZ2,tZ,M2,1kZ,1M3," +
  "Z4,2M2,2M2,Z,9M,aZ2,qZ,2Z2,M,1kZ,1M3,Z2,4Z2,2Z3,3Z,uZ2,3Z,bZ2,M,1kZ,1M3,Z5,1Z2,M,1M2,Z,kZ2," +
  "mZ6,1Z,M2,1kZ,1M,Z,M,Z4,2M2,2M2,Z,7Z2,M,aZ2,uZ,1nM2,Z,M2,3M3,1M3,Z,9M,14Z,M3,Z,1jZ,1Z3,M4," +
  "1Z3,1Z4,7Z2,bZ2,tZ,M2,1kZ,1M,Z,M5,1Z,M2,1M2,Z2,7M2,bZ2,fM,cZ2,M2,1jZ2,1M3,Z4,1M3,1M3,Z,M,8M," +
  "aZ2,tZ,M2,1yZ,4M3,Z3,1Z,1M8,iM2,1pZ,1M,Z7,cZ8,2qZ,1M,Z9,bZ7,21Z2,rZ,1Z,1Z,4M2,1dZe,M,Z5,1Z2," +
  "5Zb,1Z10,9Z,2uZ4,M,Z6,1Z2,M2,Z2,nM2,Z2,4Z3,gZ4,dZ,1M,Z2,6Z,fZ,2qL2o,Z4g,9pZ3,qaZ3,M,sZ2,M," +
  "tZ2,uZ2,1sZ2,M,Z7,M8,Z,M2,Zb,9Z,19Z5,39Z2,yZ,3aZ3,M4,Z2,M3,4M2,Z,M6,Z3,63Z2,M2,Z,1lM,Z,M,Z7," +
  "1Z,1Z,2Z8,M6,Za,2Z,1cZ1a,2Zc,kZ4,M,1bZ,M,Z5,M,Z,M5,Z,M2,12Z9,cZ2,M,uM,Z4,M2,Z2,M,Z3,1kZ,M," +
  "Z2,M3,Z,M,Z3,M2,1cM8,Z8,M2,Z2,48Z3,1Zd,M,Z7,4Z,6Z,2M,Z2,5iZ1s,ejZ5,qZ5,1dZg,2oZx,fdW2,dW2," +
  "5aW4,3W,2W,ehW2,lW2,qW8,gWc,17W,aW6,3W,dW,8W2,hW2,5W2,8W,5W,lW,7W2,1W,4W,2W,7W,4W2,sW,zW,1W," +
  "4W3,1W,1pW3,oW,eW,nvW2,1fW,4W,bdZ3,3xZ,2oZw,3kWq,1W2h,cW5y,qW1m,Z4,L2,Wf,2W2e,2Z2,W2t,5W17," +
  "1W2m,1W2e,9W1c,1W14,8Wmkd,3W1j,bsZ4,1Za,wZ2,28Z2,7kZ,3Z,4Z,nM2,Z2,M,4Z,2bM2,1eMg,Z2,qZi,dZ," +
  "12Z8,pZb,M2,cLt,3Z3,M,1bZ,M2,Z4,M2,Z2,M3,10Z,1vZ6,M2,Z2,M2,Z2,cZ,8Z,M,1aZ,1fZ,1Z3,2Z2,5Z2," +
  "1Z,15M,Z2,M2,5M,Z,6kM2,Z,M2,Z,M2,1M,Z,iW8mc,cZn,4Z1d,6isWe8,uZ,khZg,Wa,6Zg,Wz,1Wj,1W4,43Z," +
  "1W2o,1pM2,1sW7,9Zc,e9Z,6aZ,45Z5,1aeZ3,1Z2,5Z4,14Z3,4Z,4lZ2,fxZ4,1tZ5,8tZ2,25Z6,1yZb,1dZ4," +
  "3eM,Z,M,1hZf,15Z,2Z2,aZ3,M,19M3,Z4,M2,Z2,2M,4Z,aM,1eZ3,10Z5,M,Z8,gM2,18Z,cZ2,M,1cM3,Z9,M2," +
  "1M2,5Z4,1M,Z,2kM3,Z3,M2,Z,M,Z2,6Z,2Z,4dZ,M3,Z8,lZ2,M2,1jZ2,1M2,Z,M4,2M2,2M3,9M,aM2,2Z7,3Z5," +
  "1vM3,Z6,1M,2M,1M4,1M2,Z,M,Z,M,Z,eZ2,2aM3,Z8,M2,Z3,M,Z,nZ,29M3,Z6,M,Z,M4,Z2,M,Z2,6jM3,Z4,2M4," +
  "Z2,M,Z2,rZ2,2aM3,Z8,M2,Z,M,Z2,2yZ,M,Z,M2,Z6,M,Z,2tZ,M,Z,2Z4,M,Z5,74M3,Z9,M,Z2,6tM6,1M2,2Z2," +
  "M,Z,M4,Z,3xM3,Z4,2Z2,M4,Z,3M,sZa,14Z6,M,1Z4,8Z,9Z6,M2,Z3,14M6,Zd,M,Z2,5iZ,M,Z3,M,Z,M,5jM,Z7," +
  "1Z6,M,Z,2aZm,1M,Z7,M,Z2,M,Z2,3eZ6,3Z,1Z2,1Z7,M,Z,1uM5,1Z2,1M2,Z,M,Z,9nZ2,M2,9Z2,M2,1cM2,Z5," +
  "3M2,Z,M,Z,nZ,445Zh,6Zf,8ugZc,M3,Z3,1xcZ5,1nZ7,fgM,3M4,dgZ,1M1j,7Z4,25W4,Z,bL2,W5,9W5p7,10Wy," +
  "2nW37,dWpe,eW1f,5y5W4,1W7,1W2,1W89,9W,tW3,2W,eW5,7Wb0,1whZ2,1Z4,3mkZ1a,2Zn,f2M2,Z3,3M6,Zg," +
  "2Z7,uZ4,44Z3,57W2f,9Wn,1ahZ1j,4Z1e,8Z,eZ,mZ5,1Zf,11sZ7,1Zh,2Z7,1Z2,1Z5,2sZ,4gZ7,afZ,1pZ4," +
  "e4Z4,72Z2,6rZ,2Z,7Z2,5Z,d6Z7,31Z7,1btW,5mW,5aW,2Wa,jW,1jMq,W3,dW18,4W9,7W2,eW6,4aWx,cW9," +
  "1W1y,1Wm,cW17,4W5,cWh,3W,3W3,L5,W1r,1W,1W57,2W1r,dW4,1Wo,iW,qW2,dW,2eW2d,1cW1y,6W,3W3,2W5," +
  "2W4,bW2,7W9,65W,5Wc,4W,7vW1b,1Wa,1W55,34Wd,3W1z,1W,3Wi,1Wd,3Wc,zpW1eke,2W1eke,e1oiZ35s";

const [RUN_STARTS, RUN_ENDS, RUN_CLASSES] = unpackRuns();

function unpackRuns(): [Int32Array, Int32Array, Uint8Array] {
  const tokens = RUNS.split(",");
  const starts = new Int32Array(tokens.length);
  const ends = new Int32Array(tokens.length);
  const classes = new Uint8Array(tokens.length);
  let cp = 0;
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i];
    let at = 0;
    while (CLASS_LETTERS.indexOf(token[at]) < 0) at++;
    const len = token.slice(at + 1);
    cp += at === 0 ? 0 : parseInt(token.slice(0, at), 36);
    starts[i] = cp;
    cp += len === "" ? 1 : parseInt(len, 36);
    ends[i] = cp;
    classes[i] = CLASS_LETTERS.indexOf(token[at]);
  }
  return [starts, ends, classes];
}

/** Class of a code point, one of the CLASS_ constants. Controls are CLASS_NARROW here. */
export function codePointClass(cp: number): number {
  if (cp < 0x300) return CLASS_NARROW;
  if (cp >= 0x4e00 && cp <= 0x9fff) return CLASS_WIDE;
  if (cp >= 0xac00 && cp <= 0xd7a3) return CLASS_WIDE;
  let low = 0;
  let high = RUN_STARTS.length - 1;
  while (low <= high) {
    const mid = (low + high) >> 1;
    if (cp < RUN_STARTS[mid]) high = mid - 1;
    else if (cp >= RUN_ENDS[mid]) low = mid + 1;
    else return RUN_CLASSES[mid];
  }
  return CLASS_NARROW;
}

/** Cells of a code point of this class. */
export function classWidth(cls: number): number {
  return cls === CLASS_ZERO ? 0 : cls === CLASS_WIDE || cls === CLASS_WIDE_JOINS ? 2 : 1;
}
