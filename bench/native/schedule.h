// Which rows an epoch visits, and in which order: src/train/schedule.ts.

#define MEAN_RATE 0.5
#define LONGEST_REST 8
#define MOST_VISITS 32

static double *due;
static u32 *lastBatch, *visits, *places, *moments, *ends, *sorted;
static u32 visitCount;

static u32 least(u32 a, u32 b) { return a < b ? a : b; }

static void reserveSchedule(void) {
  size_t perRow = 4 * (size_t)rows.rowCount;
  due = reserve(2 * perRow);
  lastBatch = reserve(perRow);
  visits = reserve(perRow);
  places = reserve(perRow);
  moments = reserve(perRow);
  ends = reserve(perRow + 4);
  sorted = reserve(perRow);
}

static void startSchedule(void) {
  double golden = (sqrt(5) - 1) / 2;
  for (u32 row = 0; row < rows.rowCount; row++) due[row] = 1 + fmod(row * golden, 1);
}

static void drawAll(void) {
  for (u32 row = 0; row < rows.rowCount; row++) {
    order[row] = row;
    due[row] = due[row] > 1 ? due[row] - 1 : 0;
  }
  shuffle(order, rows.rowCount);
  visitCount = rows.rowCount;
}

static u32 takeDue(void) {
  double sum = 0;
  for (u32 row = 0; row < rows.rowCount; row++) sum += residuals[row];
  double scale = sum > 0 ? (MEAN_RATE * MEAN_RATE * rows.rowCount) / sum : 0;
  u32 left = rows.rowCount;
  for (u32 row = 0; row < rows.rowCount; row++) {
    double rate = sqrt(scale * residuals[row]);
    if (rate < 1.0 / LONGEST_REST) rate = 1.0 / LONGEST_REST;
    if (rate > MOST_VISITS) rate = MOST_VISITS;
    double now = due[row] + rate;
    visits[row] = least(least((u32)now, MOST_VISITS), left);
    left -= visits[row];
    now -= visits[row];
    due[row] = now > MOST_VISITS ? MOST_VISITS : now;
  }
  return rows.rowCount - left;
}

static void drawByResidual(void) {
  u32 total = takeDue(), visit = 0;
  memset(ends, 0, 4 * ((size_t)total + 1));
  for (u32 row = 0; row < rows.rowCount; row++)
    for (u32 part = 0; part < visits[row]; part++) {
      u32 moment = (u32)((part + nextFloat()) / visits[row] * total);
      places[visit] = row;
      moments[visit++] = moment;
      ends[moment + 1]++;
    }
  for (u32 moment = 0; moment < total; moment++) ends[moment + 1] += ends[moment];
  for (u32 k = 0; k < total; k++) sorted[ends[moments[k]]++] = places[k];
  memset(lastBatch, 0, 4 * (size_t)rows.rowCount);
  visitCount = 0;
  for (u32 k = 0; k < total; k++) {
    u32 row = sorted[k], batch = 1 + visitCount / batchSize;
    if (lastBatch[row] == batch) continue;
    lastBatch[row] = batch;
    order[visitCount++] = row;
  }
}
