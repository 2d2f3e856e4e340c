/**
 * Engine options from environment variables, for programs that cannot be changed:
 *
 *   BEAMLINE_OPTIONS           all options of `new Engine(options)`, as JSON
 *   BEAMLINE_TIER              tier
 *   BEAMLINE_MAX_SLICE_MS      maxSliceMs
 *   BEAMLINE_MEMORY            memory
 *   BEAMLINE_BOUNDS            bounds
 *   BEAMLINE_CPU               cpu
 *   BEAMLINE_DEBUG             debug switches, separated by commas
 *   BEAMLINE_DEBUG_FUNCTIONS   the functions that they apply to: names or indices, separated by commas
 *
 * The named ones win over BEAMLINE_OPTIONS. Empty variables count as absent.
 */
import { debugSwitches as knownSwitches } from '../debug.js';
import { type EngineOptions, resolveOptions } from '../runtime/api/options.js';

type Environment = Readonly<Record<string, string | undefined>>;
type Fields = Record<string, unknown>;

/**
 * The options that the environment asks for.
 * @throws TypeError that names the variable.
 */
export function optionsFromEnvironment(environment: Environment): EngineOptions {
  const options = jsonOptions(environment['BEAMLINE_OPTIONS']);
  setOption(options, 'tier', environment['BEAMLINE_TIER'], 'BEAMLINE_TIER', (text) => text);
  setOption(options, 'maxSliceMs', environment['BEAMLINE_MAX_SLICE_MS'], 'BEAMLINE_MAX_SLICE_MS', Number);
  setOption(options, 'memory', environment['BEAMLINE_MEMORY'], 'BEAMLINE_MEMORY', (text) => text);
  setOption(options, 'bounds', environment['BEAMLINE_BOUNDS'], 'BEAMLINE_BOUNDS', (text) => text);
  setOption(options, 'cpu', environment['BEAMLINE_CPU'], 'BEAMLINE_CPU', (text) => text);
  const debug = { ...(options['debug'] as object), ...debugSwitches(environment) };
  if (Object.keys(debug).length > 0) options['debug'] = debug;
  return options;
}

function jsonOptions(text: string | undefined): Fields {
  if (!text) return {};
  const name = 'BEAMLINE_OPTIONS';
  let options: unknown;
  try {
    options = JSON.parse(text);
  } catch (error) {
    throw new TypeError(`${name} is not valid JSON: ${(error as Error).message}`);
  }
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new TypeError(`${name} must be a JSON object such as {"maxSliceMs":0}`);
  }
  check(options, name);
  return options as Fields;
}

/** Each option is checked by itself, so that the error names the variable it came from. */
function setOption(
  options: Fields,
  key: string,
  text: string | undefined,
  name: string,
  parse: (text: string) => unknown,
): void {
  if (!text) return;
  const value = parse(text);
  check({ [key]: value }, name);
  options[key] = value;
}

function check(options: object, name: string): void {
  try {
    resolveOptions(options);
  } catch (error) {
    throw new TypeError(`${name}: ${(error as Error).message.replace('Engine(): ', '')}`);
  }
}

function debugSwitches(environment: Environment): Fields {
  const switches: Fields = {};
  for (const key of list(environment['BEAMLINE_DEBUG'])) {
    if (!knownSwitches.includes(key)) {
      throw new TypeError(`BEAMLINE_DEBUG: unknown switch '${key}'; there are ${knownSwitches.join(', ')}`);
    }
    switches[key] = true;
  }
  const functions = list(environment['BEAMLINE_DEBUG_FUNCTIONS']);
  if (functions.length > 0) switches['functions'] = functions.map((name) => (/^\d+$/.test(name) ? Number(name) : name));
  return switches;
}

function list(text: string | undefined): string[] {
  return (text ?? '')
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}
