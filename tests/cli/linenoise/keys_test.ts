// Every key of the default map on a line, by what the line, the cursor and the screen become.

import { cases, FLUSH, raw } from "./harness.ts";

const HOME = "\x01";

cases("motion", [
  { name: "typing", input: ["abc"], screen: ["> abc"], at: [0, 5], line: "abc" },
  { name: "^A", input: ["abc\x01"], at: [0, 2], screen: ["> abc"] },
  { name: "^E", input: ["abc\x01\x05"], at: [0, 5] },
  { name: "^B", input: ["abc\x02\x02"], at: [0, 3] },
  { name: "^F", input: ["abc\x01\x06"], at: [0, 3] },
  { name: "left CSI", input: ["abc\x1b[D"], at: [0, 4] },
  { name: "left SS3", input: ["abc\x1bOD"], at: [0, 4] },
  { name: "right", input: ["abc", HOME, "\x1b[C"], at: [0, 3] },
  { name: "right at the end rings", input: ["abc\x1b[C"], at: [0, 5], bells: 1 },
  { name: "left at the start rings", input: ["\x1b[D"], at: [0, 2], bells: 1 },
  ...["\x1b[H", "\x1bOH", "\x1b[1~", "\x1b[7~", "\x1b[1;2H"].map((key) => ({
    name: `home as ${JSON.stringify(key)}`,
    input: ["abc", key],
    at: [0, 2] as [number, number],
  })),
  ...["\x1b[F", "\x1bOF", "\x1b[4~", "\x1b[8~", "\x1b[1;2F"].map((key) => ({
    name: `end as ${JSON.stringify(key)}`,
    input: ["abc", HOME, key],
    at: [0, 5] as [number, number],
  })),
  ...["\x1bb", "\x1bB", "\x1b[1;5D", "\x1b[1;3D", "\x1bOd", "\x1b\x1b[D"].map((key) => ({
    name: `word left as ${JSON.stringify(key)}`,
    input: ["ab cd", key],
    at: [0, 5] as [number, number],
  })),
  ...["\x1bf", "\x1bF", "\x1b[1;5C", "\x1b[1;3C", "\x1bOc", "\x1b\x1b[C"].map((key) => ({
    name: `word right as ${JSON.stringify(key)}`,
    input: ["ab cd", HOME, key],
    at: [0, 4] as [number, number],
  })),
  { name: "words skip signs", input: ["a.b-c\x1bb\x1bb"], at: [0, 4] },
  { name: "^Home", input: ["abc\x1b[1;5H"], at: [0, 2] },
  { name: "^End", input: ["abc", HOME, "\x1b[1;5F"], at: [0, 5] },
]);

cases("deletion", [
  { name: "backspace 7f", input: ["abc\x7f"], line: "ab", screen: ["> ab"], at: [0, 4] },
  { name: "^H", input: ["abc\x08"], line: "ab" },
  { name: "backspace in the middle", input: ["abc\x02\x7f"], line: "ac", screen: ["> ac"] },
  { name: "backspace at the start rings", input: ["\x7f"], bells: 1, line: "" },
  { name: "^D deletes right", input: ["abc", HOME, "\x04"], line: "bc", screen: ["> bc"] },
  { name: "^D at the end rings", input: ["abc\x04"], line: "abc", bells: 1, events: [] },
  { name: "delete", input: ["abc", HOME, "\x1b[3~"], line: "bc" },
  { name: "^K", input: ["abc\x02\x0b"], line: "ab", screen: ["> ab"] },
  { name: "^U", input: ["abc\x02\x15"], line: "", screen: [">"], at: [0, 2] },
  {
    name: "^U to the start",
    options: { ctrlU: "start" },
    input: ["abc\x02\x15"],
    line: "c",
    at: [0, 2],
  },
  { name: "^W", input: ["ab c.d \x17"], line: "ab " },
  { name: "Alt-Backspace", input: ["ab c.d\x1b\x7f"], line: "ab c." },
  { name: "Alt-^H", input: ["ab c.d\x1b\x08"], line: "ab c." },
  { name: "Alt-D", input: ["ab cd", HOME, "\x1bd"], line: " cd" },
  { name: "^Delete", input: ["ab cd", HOME, "\x1b[3;5~"], line: " cd" },
  { name: "^Delete of rxvt", input: ["ab cd", HOME, "\x1b[3^"], line: " cd" },
  { name: "delete of rxvt with shift", input: ["abc", HOME, "\x1b[3$"], line: "bc" },
]);

cases("yank, undo, change", [
  { name: "^W ^Y", input: ["ab cd\x17\x19\x19"], line: "ab cdcd" },
  { name: "kills in a row are one", input: ["ab cd ef\x17\x17\x19"], line: "ab cd ef" },
  {
    name: "forward kills in a row",
    input: ["ab cd ef", HOME, "\x1bd\x1bd\x05\x19"],
    line: " efab cd",
  },
  { name: "Alt-Y", input: ["one\x15two\x15\x19\x1by"], line: "one", at: [0, 5] },
  { name: "Alt-Y around the ring", input: ["one\x15two\x15\x19\x1by\x1by"], line: "two" },
  { name: "Alt-Y without a yank rings", input: ["one\x15a\x1by"], line: "a", bells: 1 },
  { name: "^Y of nothing rings", input: ["\x19"], bells: 1 },
  { name: "^T in the middle", input: ["abcd\x02\x02\x14"], line: "acbd", at: [0, 5] },
  { name: "^T at the end", input: ["abc\x14"], line: "acb", at: [0, 5] },
  { name: "^T of one rings", input: ["a\x14"], line: "a", bells: 1 },
  { name: "undo takes typed text at once", input: ["abc\x1f"], line: "", at: [0, 2] },
  { name: "undo of a kill", input: ["ab cd\x17\x1f"], line: "ab cd", at: [0, 7] },
  { name: "undo, undo, redo", input: ["ab\x7fc\x1f\x1f\x1b/"], line: "a" },
  { name: "^X ^U", input: ["abc\x18\x15"], line: "" },
  { name: "redo after typing rings", input: ["abc\x1fd\x1b/"], line: "d", bells: 1 },
  { name: "undo of nothing rings", input: ["\x1f"], bells: 1 },
  { name: "Alt-U", input: ["ab cd", HOME, "\x1bu"], line: "AB cd", at: [0, 4] },
  { name: "Alt-L", input: ["AB CD", HOME, "\x1bl"], line: "ab CD" },
  { name: "Alt-C", input: ["ab cd", HOME, "\x1bc\x1bc"], line: "Ab Cd" },
  { name: "Alt-U of umlauts", input: ["äöß", HOME, "\x1bu"], line: "ÄÖSS" },
  { name: "unbound ^X key rings", input: ["\x18q"], line: "", bells: 1 },
  { name: "unbound ^X key drops one character", input: ["\x18qrs"], line: "rs" },
]);

cases("events", [
  { name: "enter CR", input: ["abc\r"], events: ["line abc"], screen: ["> abc"], at: [1, 0] },
  { name: "enter LF", input: ["abc\n"], events: ["line abc"] },
  { name: "enter CR LF is one", input: ["abc\r\n"], events: ["line abc"] },
  { name: "empty line", input: ["\r"], events: ["line "], at: [1, 0] },
  { name: "enter in the middle", input: ["abc\x02\r"], events: ["line abc"], at: [1, 0] },
  { name: "^C", input: ["abc\x03"], events: ["cancel abc"], at: [1, 0] },
  { name: "^D on empty", input: ["\x04"], events: ["eof"], at: [1, 0] },
  { name: "^Z", input: ["abc\x1a"], events: ["suspend"], line: "abc" },
  { name: "^X ^E", input: ["abc\x18\x05"], events: ["edit"], line: "abc" },
  { name: "TAB without a callback", input: ["abc\t"], events: ["complete"] },
  { name: "enter of the keypad", input: ["abc\x1bOM"], events: ["line abc"] },
  { name: "no more after the line", input: ["a\rb"], events: ["line a"], screen: ["> a"] },
  {
    name: "paste mode is on while editing",
    input: ["a"],
    check: ({ grid }) => {
      if (!grid.pasteMode) throw new Error("off");
    },
  },
  {
    name: "paste mode is off after the line",
    input: ["a\r"],
    check: ({ grid }) => {
      if (grid.pasteMode) throw new Error("on");
    },
  },
]);

cases("screen", [
  { name: "^L", options: { past: [] }, input: ["abc\x0c"], screen: ["> abc"], at: [0, 5] },
  { name: "^V control", input: ["a\x16\x01b"], line: "a\x01b", screen: ["> a^Ab"] },
  { name: "^Q escape", input: ["a\x11\x1b[A"], line: "a\x1b[A", screen: ["> a^[[A"] },
  { name: "^V of a character", input: ["\x16é"], line: "é" },
  { name: "^V of TAB", input: ["\x16\t"], line: "\t", screen: ["> ^I"] },
  {
    name: "^V before a paste does not undo it",
    input: ["\x16\x1b[200~a\rb\x1b[201~"],
    line: "a\nb",
  },
  { name: "newline by Alt-Enter", input: ["a\x1b\rb"], line: "a\nb", screen: ["> a", "b"] },
  { name: "newline by Shift-Enter", input: ["a\x1b[13;2ub"], line: "a\nb" },
]);

cases("swallowed", [
  ...[
    "\x1b[200;5;9y",
    "\x1b[I",
    "\x1b[O",
    "\x1b[<0;3;4M",
    "\x1b[M !!",
    "\x1b[2~",
    "\x1b[15~",
    "\x1b[[A",
    "\x1bOP",
    "\x1b[E",
    "\x1b[24;80R",
    "\x1b[?1;2c",
    "\x1b[57441;2u",
    "\x1b[97;1:3u",
    "\x1b[97;9u",
    "\x1b]11;rgb:0/0/0\x07",
    "\x1b]11;rgb:0/0/0\x1b\\",
    "\x1bP1$r0m\x1b\\",
    "\x1b_Gi=1;OK\x1b\\",
    "\x1bé",
    "\x1b[1;2;3;4;5;6;7;8;9~",
    "\x1b[" + "1;".repeat(60) + "~",
    "\x00",
    "\x1c",
    "\x1d",
  ].map((key) => ({
    name: JSON.stringify(key),
    input: ["a", key, "b"],
    line: "ab",
    screen: ["> ab"],
    events: [],
  })),
  { name: "a control ends a sequence", input: ["ab\x1b[1;\x01"], line: "ab", at: [0, 2] },
  { name: "^C ends a string", input: ["ab\x1b]0;title\x03"], events: ["cancel ab"] },
  { name: "ESC alone does nothing", input: ["ab\x1b", FLUSH, "c"], line: "abc" },
  { name: "ESC then a key is Alt", input: ["ab cd\x1b", "b"], at: [0, 5] },
  { name: "ESC flushed then a key", input: ["ab\x1b", FLUSH, "b"], line: "abb" },
  { name: "a sequence cut by a flush", input: ["ab\x1b[1", FLUSH, "c"], line: "abc" },
  { name: "Alt-P flushed", input: ["ab\x1bP", FLUSH, "c"], line: "abc" },
  {
    name: "a cut character flushed",
    input: [raw("a\xe2\x82"), FLUSH, "b"],
    line: "raw:a\xe2\x82b",
  },
]);

cases("CSI u and friends", [
  { name: "^A", input: ["abc\x1b[97;5u"], at: [0, 2] },
  { name: "^A with caps lock", input: ["abc\x1b[97;69u"], at: [0, 2] },
  { name: "Alt-B", input: ["ab cd\x1b[98;3u"], at: [0, 5] },
  { name: "^C", input: ["abc\x1b[99;5u"], events: ["cancel abc"] },
  { name: "enter", input: ["abc\x1b[13u"], events: ["line abc"] },
  { name: "a letter", input: ["\x1b[97u"], line: "a" },
  { name: "a shifted letter", input: ["\x1b[97:65;2u"], line: "A" },
  { name: "a letter with text", input: ["\x1b[97;2;65u"], line: "A" },
  { name: "modifyOtherKeys", input: ["abc\x1b[27;5;97~"], at: [0, 2] },
  { name: "backspace with control", input: ["ab cd\x1b[127;5u"], line: "ab " },
  { name: "keypad digit", input: ["\x1b[57404u"], line: "5" },
  { name: "keypad left", input: ["ab\x1b[57417u"], at: [0, 3] },
  { name: "keypad of application mode", input: ["\x1bOp\x1bOk"], line: "0+" },
  { name: "redo", input: ["abc\x1f\x1b[122;6u"], line: "abc" },
  { name: "press event", input: ["ab\x1b[1;1:1D"], at: [0, 3] },
  { name: "release event", input: ["ab\x1b[1;1:3D"], at: [0, 4] },
]);
