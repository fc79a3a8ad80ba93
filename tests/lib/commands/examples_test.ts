// examples_test.ts: every example of every command declaration does what it says.

import { exampleCases } from "../../kit/cases.ts";

exampleCases();
