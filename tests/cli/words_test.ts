import assert from "node:assert/strict";
import { test } from "node:test";
import { ByteWriter } from "../../cli/byte_writer.ts";
import { appendQuoted, splitCommands, splitWords, unquoteWord } from "../../cli/words.ts";
import { bytesOf, latin1 } from "../kit/resp.ts";

const lines: [line: string, words: string[] | null][] = [
  ["", []],
  [" \t\r\n\v\f ", []],
  ["ping", ["ping"]],
  ["  set  a\tb \r", ["set", "a", "b"]],
  ['"a b"', ["a b"]],
  ["'a b'", ["a b"]],
  ['""', [""]],
  ["''", [""]],
  ['a""', ["a"]],
  [`""k'e'"y"`, ["key"]],
  ['"a"b', ["ab"]],
  ['"\\n\\r\\t\\b\\a"', ["\n\r\t\b\x07"]],
  ['"\\x00\\xff\\xFf\\x4a"', ["\0\xff\xffJ"]],
  ['"\\xg0\\x4"', ["xg0x4"]],
  ['"\\q\\"\\\\"', ['q"\\']],
  ["'\\n\\x41'", ["\\n\\x41"]],
  ["'it\\'s'", ["it's"]],
  ["'back\\\\slash'", ["back\\\\slash"]],
  ["a\\nb", ["a\\nb"]],
  ["'\"' \"'\"", ['"', "'"]],
  ['"', null],
  ["'", null],
  ['get "open', null],
  ["get 'open", null],
  ['"\\"', null],
  ['"\\', null],
  ["'\\'", null],
  ["a\vb", ["a\vb"]],
  ["set k \xff\xfe", ["set", "k", "\xff\xfe"]],
  ["set k a\0b", ["set", "k", "a\0b"]],
  ['"line\nend"', ["line\nend"]],
];

for (const [line, words] of lines) {
  test(`words: ${JSON.stringify(line)}`, () => {
    assert.deepEqual(splitWords(bytesOf(line))?.map((word) => latin1(word)) ?? null, words);
  });
}

test("words: one word, or none", () => {
  const one = (text: string) => unquoteWord(bytesOf(text));
  assert.equal(latin1(one('"\\x41"') ?? bytesOf("?")), "A");
  assert.equal(one("two words"), null);
  assert.equal(one(""), null);
  assert.equal(one('"open'), null);
});

function quote(bytes: Uint8Array): string {
  const out = new ByteWriter();
  appendQuoted(out, bytes);
  return latin1(out.take());
}

test("words: quoting escapes all but printable ASCII", () => {
  assert.equal(quote(bytesOf("plain text~")), '"plain text~"');
  assert.equal(quote(bytesOf('\\"\n\r\t\x07\b')), '"\\\\\\"\\n\\r\\t\\a\\b"');
  assert.equal(quote(bytesOf("\0\x1b\x7f\x80\xff'")), '"\\x00\\x1b\\x7f\\x80\\xff\'"');
  assert.equal(quote(new Uint8Array(0)), '""');
});

test("words: every byte survives quoting and reading", () => {
  const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
  assert.deepEqual(splitWords(bytesOf(quote(bytes))), [bytes]);
});

test("words: pasted text is cut into commands outside quotes", () => {
  const commands = (text: string) => splitCommands(bytesOf(text)).map((line) => latin1(line));
  assert.deepEqual(commands("ping"), ["ping"]);
  assert.deepEqual(commands(""), [""]);
  assert.deepEqual(commands("a\nb\n\nc\n"), ["a", "b", "c"]);
  assert.deepEqual(commands('set k "a\nb"\nget k'), ['set k "a\nb"', "get k"]);
  assert.deepEqual(commands("set k 'a\\'\nb'\nget k"), ["set k 'a\\'\nb'", "get k"]);
  assert.deepEqual(commands('set k "a\\"\nb"\nget k'), ['set k "a\\"\nb"', "get k"]);
  assert.deepEqual(commands('get "open\nping'), ['get "open\nping']);
});
