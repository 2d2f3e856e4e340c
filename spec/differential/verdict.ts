/** Verdicts: whether an engine takes a module, and whether that agrees with V8. */
import { isNewerThanV8, isOlderInV8, isUnsupported, type Namespace } from '../support/engine.js';
import type { Answer } from './batch.js';

/** The message with which an engine refuses a module. */
export function refusal(engine: Namespace, bytes: Uint8Array): string {
  try {
    new engine.Module(bytes);
    return 'validate() is false, but the module compiles';
  } catch (error) {
    if (error instanceof Error && (error instanceof engine.CompileError || isUnsupported(error))) return error.message;
    return `wrong class of error: ${error instanceof Error ? error.stack : String(error)}`;
  }
}

/** `same`, or what is wrong with the second verdict; a feature that is missing is not wrong. */
export function compareVerdicts(reference: Answer, tested: Answer): 'same' | 'unsupported' | string {
  if (reference.valid === tested.valid) return 'same';
  if (tested.valid) return isNewerThanV8(reference.refusal ?? '') ? 'same' : 'accepted, but is not valid';
  if (tested.refusal?.includes('not supported yet')) return 'unsupported';
  if (tested.refusal !== undefined && isOlderInV8(tested.refusal)) return 'same';
  return `refused, but is valid: ${tested.refusal}`;
}
