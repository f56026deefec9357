/** Style sheets that a module stands for; esbuild puts them beside the script. */
declare module '*.css';
