// Groups of the operating system by name.

import assert from "node:assert/strict";
import { test } from "node:test";
import { groupNumber } from "../../server/groups.ts";

const FILE = "root:x:0:\nstaff:x:50:ann,bob\n\n+nis\nodd:x:no:\n7:x:70:\n";

test("names, numbers, and what is neither", () => {
  const rows: [string, number][] = [
    ["root", 0],
    ["staff", 50],
    ["7", 70],
    ["50", 50],
    ["1234", 1234],
    ["4294967294", 4294967294],
    ["4294967295", -1],
    ["ann", -1],
    ["odd", -1],
    ["+nis", -1],
    ["-1", -1],
    ["1x", -1],
  ];
  for (const [name, number] of rows) assert.equal(groupNumber(name, FILE), number, name);
});
