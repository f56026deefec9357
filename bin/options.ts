import { parseArgs, type ParseArgsOptionsConfig } from 'node:util';

/**
 * Reads the options of a command. `--help` shows its help and ends; what the command does not know is refused with the help.
 *
 * @param help text of `--help`
 */
export function readOptions<const T extends ParseArgsOptionsConfig>(help: string, options: T, allowPositionals = false) {
  try {
    const read = parseArgs({ options: { ...options, help: { type: 'boolean', default: false } }, allowPositionals });
    if ((read.values as { help?: boolean }).help) {
      process.stdout.write(help);
      process.exit(0);
    }
    return read;
  } catch (error) {
    return refuse(`${(error as Error).message}\n\n${help}`);
  }
}

/** Says what is wrong with how a command was called, and ends. */
export function refuse(message: string): never {
  process.stderr.write(`${message.trimEnd()}\n`);
  process.exit(2);
}

/** A comma-separated option. */
export const listOf = (text: string): string[] => text.split(',').filter((item) => item !== '');
