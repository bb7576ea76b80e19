# Test digits right when batch norm takes its statistics from the batch, against the batch's size.
set terminal svg size 720,420 font "Helvetica,13" background rgb "white"
set output out
set datafile separator ","
set title "Batch norm still in training: what is right depends on who stands beside you"
set xlabel "pictures in a batch"
set ylabel "test digits right, %"
set logscale x
set xrange [0.9:300]
set yrange [0:105]
set grid lc rgb "#dddddd"
set key right center
plot csv."/batches.csv" using 1:4 skip 1 with lines lw 2 dt 2 lc rgb "#000000" title "running statistics", \
     "" using 1:2 skip 1 with linespoints lw 2 pt 7 ps 0.6 lc rgb "#0072B2" title "batch statistics, classes mixed", \
     "" using 1:3 skip 1 with linespoints lw 2 pt 5 ps 0.6 lc rgb "#D55E00" title "batch statistics, sorted by class"
