import { parseArgs, type ParseArgsOptionsConfig } from 'node:util';

/**
 * Reads the options of a command. `--help` shows its help and ends; what the command does not know is refused with the help.
 *
 * @param help text of `--help`
 */
export function readOptions<const T extends ParseArgsOptionsConfig>(help: string, options: T, allowPositionals = false, args: readonly string[] = process.argv.slice(2)) {
  try {
    const read = parseArgs({ args, options: { ...options, help: { type: 'boolean', default: false } }, allowPositionals });
    if ((read.values as { help?: boolean }).help) {
      process.stdout.write(help);
      process.exit(0);
    }
    return read;
  } catch (error) {
    return refuse(`${(error as Error).message}\n\n${help}`);
  }
}

/**
 * Arguments in which an option that may stand without a value has one: `--local` becomes `--local=<fallback>`.
 *
 * @param isValue whether what follows it is its value, rather than the next argument
 */
export function withFallback(args: readonly string[], option: string, fallback: string, isValue: (text: string) => boolean): string[] {
  const at = args.indexOf(option);
  if (at === -1) return [...args];
  const next = args[at + 1];
  const hasValue = next !== undefined && !next.startsWith('-') && isValue(next);
  return [...args.slice(0, at), `${option}=${hasValue ? next : fallback}`, ...args.slice(at + (hasValue ? 2 : 1))];
}

/** Says what is wrong with how a command was called, and ends. */
export function refuse(message: string): never {
  process.stderr.write(`${message.trimEnd()}\n`);
  process.exit(2);
}

/** A comma-separated option. */
export const listOf = (text: string): string[] => text.split(',').filter((item) => item !== '');
