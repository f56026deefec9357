import { benchmarks } from './benchmarks.ts';
import type { Section } from './report.ts';

/** What a benchmark's process tells the one that started it: what it does, and at last what came of it. */
export type Message = { readonly doing: string } | { readonly sections: readonly Section[] };

/** The process of one benchmark, whose name is its argument. Alone, so that nothing that ran before is in its memory or its compiled code. */
const name = process.argv[2];
const tell = (message: Message): Promise<void> => new Promise((sent) => process.send?.(message, () => sent()));
// Whoever started it is gone, and with them the reason to go on.
process.on('disconnect', () => process.exit());
const benchmark = benchmarks.find((each) => each.name === name);
if (!benchmark) throw new Error(`There is no benchmark ${name}.`);
await tell({ sections: await benchmark.run({ progress: (doing) => void tell({ doing }) }) });
process.disconnect();
