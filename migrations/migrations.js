import journal from './meta/_journal.json';
import m0000 from './0000_hot_store.sql';
import m0001 from './0001_payloads.sql';
import m0002 from './0002_earlier_starts.sql';
import m0003 from './0003_event_numbers.sql';

  export default {
    journal,
    migrations: {
      m0000,
m0001,
m0002,
m0003
    }
  }
  