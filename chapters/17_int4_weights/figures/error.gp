# Error of the logits against bits per weight, scales included: one curve for 4, 3 and 2 bits each.
set terminal svg size 720,420 font "Helvetica,13" background rgb "white"
set output out
set datafile separator ","
set title "Error of the logits by bits and by who shares a scale (the bundled net)"
set xlabel "bits per weight, scales included"
set ylabel "error of the logits, percent"
set logscale y
set xrange [1.9:4.7]
set yrange [3:100]
set ytics (3, 5, 10, 20, 50, 100)
set grid lc rgb "#dddddd"
set key right top
plot for [i=0:2] csv."/error.csv" using ($1 == 4 - i ? $3 : NaN):4 skip 1 with linespoints lw 2 pt 7 ps 0.8 \
       lc rgb word("#0072B2 #009E73 #D55E00", i + 1) title sprintf("%d bits", 4 - i), \
     csv."/error.csv" using ($1 == 2 ? $3 : NaN):4:(word("matrix output 128 64 32", int($2) + 1)) skip 1 \
       with labels offset 0.4,1 font ",11" notitle
