import { cases } from "../../../kit/cases.ts";

cases("EXISTS", [
  ["an absent key", ["EXISTS a"], ":0"],
  ["a key", ["SET a 1", "EXISTS a"], ":1"],
  ["several", ["MSET a 1 b 2", "EXISTS a b c"], ":2"],
  ["one named twice counts twice", ["SET a 1", "EXISTS a a"], ":2"],
  ["an expired key", ["SET a 1 PX 50", "~80", "EXISTS a"], ":0"],
  ["an empty key", ['SET "" 1', 'EXISTS ""'], ":1"],
  ["no key", ["EXISTS"], "-ERR wrong number of arguments for 'exists' command"],
]);

cases("TOUCH", [
  ["an absent key", ["TOUCH a"], ":0"],
  ["several", ["MSET a 1 b 2", "TOUCH a b c"], ":2"],
  ["one named twice counts twice", ["SET a 1", "TOUCH a a"], ":2"],
  ["an expired key", ["SET a 1 PX 50", "~80", "TOUCH a"], ":0"],
  ["is no change", ["SET a 1", "WATCH a", "@2 TOUCH a", "MULTI", "EXEC"], "*0"],
  ["is an access", ["SET a 1", "~2100", "TOUCH a", "OBJECT IDLETIME a"], ":0"],
  ["is one under NO-TOUCH, too", [
    "SET a 1",
    "CLIENT NO-TOUCH on",
    "~2100",
    "TOUCH a",
    "OBJECT IDLETIME a",
  ], ":0"],
  ["no key", ["TOUCH"], "-ERR wrong number of arguments for 'touch' command"],
]);

cases("TYPE", [
  ["an absent key", ["TYPE a"], "+none"],
  ["a string", ["SET a x", "TYPE a"], "+string"],
  ["an integer", ["SET a 1", "TYPE a"], "+string"],
  ["bits", ["SETBIT a 1 1", "TYPE a"], "+string"],
  ["an expired key", ["SET a 1 PX 50", "~80", "TYPE a"], "+none"],
  ["too many arguments", ["TYPE a b"], "-ERR wrong number of arguments for 'type' command"],
]);

cases("KEYS", [
  ["of nothing", ["KEYS *"], "*0"],
  ["everything", ["MSET a 1 b 2", "KEYS *"], /^\*2 \$1 (a \$1 b|b \$1 a)$/],
  ["a prefix", ["MSET one 1 two 2", "KEYS t*"], "*1 $3 two"],
  ["one character", ["MSET one 1 two 2 three 3", "KEYS ?ne"], "*1 $3 one"],
  ["a set of characters", ["MSET ha 1 hb 2 hc 3", "KEYS h[bz]"], "*1 $2 hb"],
  ["not of a set", ["MSET ha 1 hb 2", "KEYS h[^a]"], "*1 $2 hb"],
  ["a range", ["MSET h1 1 h9 2", "KEYS h[5-9]"], "*1 $2 h9"],
  ["an escaped star", ["MSET h* 1 ha 2", "KEYS h\\*"], "*1 $2 h*"],
  ["case matters", ["SET a 1", "KEYS A"], "*0"],
  ["an empty pattern", ["SET a 1", 'KEYS ""'], "*0"],
  ["an empty key", ['SET "" 1', "KEYS *"], "*1 $0 "],
  ["expired keys are left out", ["SET a 1 PX 50", "SET b 1", "~80", "KEYS *"], "*1 $1 b"],
  ["of this database", ["SET a 1", "SELECT 1", "KEYS *"], "*0"],
  ["no pattern", ["KEYS"], "-ERR wrong number of arguments for 'keys' command"],
]);

cases("RANDOMKEY", [
  ["of nothing", ["RANDOMKEY"], "$-1"],
  ["of one", ["SET only 1", "RANDOMKEY"], "$4 only"],
  ["of two", ["MSET a 1 b 2", "RANDOMKEY"], /^\$1 [ab]$/],
  ["of expired keys", ["SET a 1 PX 50", "~80", "RANDOMKEY"], "$-1"],
  ["not the expired one", ["SET a 1 PX 50", "SET b 1", "~80", "RANDOMKEY"], "$1 b"],
  ["too many arguments", ["RANDOMKEY a"], "-ERR wrong number of arguments for 'randomkey' command"],
]);
