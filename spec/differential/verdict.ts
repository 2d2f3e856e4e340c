/** Verdicts: whether an engine takes a module, and whether that agrees with V8. */
import { isUnsupported, type Namespace } from '../support/engine.js';
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
  if (tested.valid) return 'accepted, but is not valid';
  if (tested.refusal?.includes('not supported yet')) return 'unsupported';
  return `refused, but is valid: ${tested.refusal}`;
}
