# Layer 1 of 512 training digits in 128 bars, and where each method cuts.
set terminal svg size 860,420 font "Helvetica,13" background rgb "white"
set output out
set datafile separator ","
set title "Layer 1: where each method cuts, 8 bits"
set xlabel "value"
set ylabel "values in 16 bins"
set logscale y
set yrange [0.5:60000]
set xrange [0:19.5]
set style fill solid 0.5 noborder
set key outside right top reverse Left
set datafile separator ","
array T[9]
stats csv."/thresholds.csv" using (T[int($1) + 1] = $2, $2) skip 1 nooutput
array C[9] = ["#000000", "#999999", "#E69F00", "#D55E00", "#CC79A7", "#8C510A", "#0072B2", "#009E73", "#56B4E9"]
array N[9] = ["min-max", "moving average", "percentile 99", "percentile 99.9", "percentile 99.99", "percentile 99.999", "entropy", "MSE", "PyTorch's histogram"]
do for [i = 1:9] {
  set arrow i from T[i], 0.5 to T[i], 6000 * 0.42 ** (i - 1) nohead lw 2 lc rgb C[i] front
}
plot csv."/histogram.csv" using 1:2 skip 1 with boxes lc rgb "#BBBBBB" notitle, \
     for [i = 1:9] NaN with lines lw 2 lc rgb C[i] title sprintf("%s: %.2f", N[i], T[i])
