// liblinear on the same matrix: a ladder of its stopping tolerance, each rung a run of its own. The clock runs around
// train() alone; the copy into liblinear's format is not counted.
//
//   liblinear FOLDER rows features classes lambda*n solver target limitSeconds repeats
//
// solver 0: primal logistic regression, 7: dual. Two classes: prints one JSON object a line for each rung, tolerance
// ("steps"), seconds (median of the runs), objective in our units, until the target or the limit is reached. More
// classes: one run, one against rest, at liblinear's default tolerance, without an objective: it has another one.
#include "problem.h"
#include <linear.h>

static void silent(const char *text) { (void)text; }

/** Ours of two classes, with W = (-v/2, v/2). */
static double objective(const Rows *rows, double n, const double *v) {
  double loss = 0, squares = 0;
  for (u32 row = 0; row < rows->rowCount; row++) {
    double z = 0;
    for (u32 k = rows->indptr[row]; k < rows->indptr[row + 1]; k++) z += (double)rows->values[k] * v[rows->indices[k]];
    double lead = rows->labels[row] ? z : -z;
    loss += (lead < 0 ? -lead : 0) + log1p(exp(-fabs(lead)));
  }
  for (u32 j = 0; j < rows->featureCount; j++) squares += v[j] * v[j];
  return (loss + n / 4 * squares) / rows->rowCount;
}

static int ascending(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

int main(int argc, char **argv) {
  if (argc != 10) {
    fprintf(stderr, "usage: liblinear FOLDER rows features classes lambda*n solver target limitSeconds repeats\n");
    return 2;
  }
  Rows rows = readRows(argv[1], (u32)atol(argv[2]), (u32)atol(argv[3]), (u32)atol(argv[4]));
  double n = atof(argv[5]), target = atof(argv[7]), limit = atof(argv[8]);
  int repeats = atoi(argv[9]);
  int isTwo = rows.classCount == 2;
  set_print_string_function(silent);

  size_t nnz = rows.indptr[rows.rowCount];
  struct feature_node *nodes = reserve(sizeof *nodes * (nnz + rows.rowCount)), *next = nodes;
  struct problem problem = {(int)rows.rowCount, (int)rows.featureCount, reserve(8 * (size_t)rows.rowCount),
                            reserve(sizeof nodes * (size_t)rows.rowCount), -1};
  for (u32 row = 0; row < rows.rowCount; row++) {
    problem.x[row] = next;
    problem.y[row] = isTwo ? (rows.labels[row] ? 1 : -1) : (double)rows.labels[row];
    for (u32 k = rows.indptr[row]; k < rows.indptr[row + 1]; k++)
      *next++ = (struct feature_node){(int)rows.indices[k] + 1, rows.values[k]};
    *next++ = (struct feature_node){-1, 0};
  }

  struct parameter parameter = {0};
  parameter.solver_type = atoi(argv[6]);
  parameter.C = (isTwo ? 2 : 1) / n;
  int isDual = parameter.solver_type == L2R_LR_DUAL;
  for (double tolerance = isTwo ? 1 : isDual ? 0.1 : 0.01;; tolerance /= 3) {
    parameter.eps = tolerance;
    double *taken = reserve(sizeof *taken * (size_t)repeats), value = NAN;
    int count = 0;
    do {
      double start = now();
      struct model *model = train(&problem, &parameter);
      taken[count++] = now() - start;
      if (isTwo && count == 1) {
        double *v = reserve(8 * (size_t)rows.featureCount);
        // The first label seen is liblinear's positive class.
        double sign = model->label[0] == 1 ? 1 : -1;
        for (u32 j = 0; j < rows.featureCount; j++) v[j] = sign * model->w[j];
        value = objective(&rows, n, v);
        free(v);
      }
      free_and_destroy_model(&model);
    } while (count < repeats && taken[0] < 2);
    qsort(taken, (size_t)count, sizeof *taken, ascending);
    double seconds = taken[count / 2];
    free(taken);
    if (isTwo) printf("{\"steps\":%g,\"seconds\":%.6g,\"objective\":%.17g}\n", tolerance, seconds, value);
    else printf("{\"steps\":%g,\"seconds\":%.6g}\n", tolerance, seconds);
    fflush(stdout);
    if (!isTwo || value <= target || tolerance < 1e-9 || 2 * seconds > limit) break;
  }
  return 0;
}
