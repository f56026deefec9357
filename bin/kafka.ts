import { LocalRunError } from '../local/error.ts';
import { fetchKafka, startBroker } from '../local/kafka/broker.ts';
import { readOptions, refuse } from './options.ts';

const help = `Runs a real Apache Kafka of one node on this machine, on loopback only, for npm start -- --bus kafka. Needs Java 17 or newer, and
Maven to fetch it once.

npm run kafka -- [options]

  --port 9092              port of the broker
  --data .loginward-kafka  folder of its topics and of its log (broker.log); it survives stop, crash and restart
  --help                   shows this
`;

const { values } = readOptions(help, {
  port: { type: 'string', default: '9092' },
  data: { type: 'string', default: '.loginward-kafka' },
});
const port = Number(values.port);
if (!/^\d{1,5}$/.test(values.port) || port > 65_535) refuse('--port must be a whole number from 0 to 65535.\nnpm run kafka -- --help shows all options.');

const say = (what: string): void => {
  process.stdout.write(`${what}\n`);
};

try {
  const libraries = await fetchKafka(say);
  say('Starting Kafka…');
  const broker = await startBroker({ libraries, port, data: values.data });
  let isStopping = false;
  const stop = async (): Promise<void> => {
    // A second Ctrl-C does not wait.
    if (isStopping) await broker.kill();
    if (!isStopping) say('Stopping…');
    isStopping = true;
    await broker.stop();
    process.exit(0);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void stop());
  say(`Kafka is ready at ${broker.brokers}`);
  await broker.ended;
  if (!isStopping) throw new LocalRunError(`Kafka ended by itself. ${values.data}/broker.log tells more.`);
} catch (error) {
  if (!(error instanceof LocalRunError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}
