import './main.css';
import { render } from 'preact';
import { Languages } from '../shared/languages.tsx';
const page = document.getElementById('page');
if (page) render(<Languages label="Language" locale="en" choose={() => undefined} />, page);
