import { test } from "node:test";
import assert from "node:assert/strict";
import {
  bytesForHumans,
  InfoText,
  percent,
  ratio,
  seconds,
} from "../../../../lib/commands/server/info_text.ts";

test("bytesForHumans counts in powers of 1024", () => {
  const rows: [bytes: number, text: string][] = [
    [0, "0B"],
    [1023, "1023B"],
    [1024, "1.00K"],
    [1536, "1.50K"],
    [1048576, "1.00M"],
    [25276514304, "23.54G"],
    [1024 ** 4, "1.00T"],
    [1024 ** 5, "1.00P"],
    [1024 ** 6, "1024.00P"],
  ];
  for (const [bytes, text] of rows) assert.equal(bytesForHumans(bytes), text);
});

test("percent, ratio and seconds keep their digits", () => {
  assert.equal(percent(1, 8), "12.50%");
  assert.equal(percent(1, 0), "0.00%");
  assert.equal(ratio(3, 2), "1.50");
  assert.equal(ratio(3, 0), "1.00");
  assert.equal(seconds(1234567), "1.234567");
});

test("InfoText parts sections by an empty line", () => {
  const info = new InfoText();
  info.section("A");
  info.lines({ x: 1, y: "two" });
  info.section("B");
  assert.equal(info.text, "# A\r\nx:1\r\ny:two\r\n\r\n# B\r\n");
});
