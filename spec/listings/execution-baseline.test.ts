/** The cases of the listings as on a processor without instruction-set extensions. */
import { baselineCpu, detectCpu } from '../../src/backends/x64/cpu.js';
import { testExecution } from './execution.js';

// What was detected is one object for the whole process, and this process has no other tests.
Object.assign(detectCpu(), baselineCpu);

testExecution({ debug: { checkInvariants: true } });
